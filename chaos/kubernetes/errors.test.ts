import { expect, test } from 'vitest';
import { explain } from './errors.ts';

const forbidden = { code: 403, body: { message: 'pods is forbidden: User "x" cannot list resource "pods"' } };

test('a refused call says what was being done, and what is missing; nothing of who makes the calls', () => {
  const error = explain(forbidden, 'list pods in lab', 'https://a.test');
  expect(error.message).toBe(
    'kubernetes: cannot list pods in lab: pods is forbidden: User "x" cannot list resource "pods"',
  );
  expect(error.fix).toBe('grant the right that is missing');
});

test('who makes the calls has the first word on what an answer means, and leaves the rest', () => {
  const caller = {
    name: 'runner',
    explain: ({ code }: { code: number }) => (code === 403 ? { text: 'no role', fix: 'add it' } : undefined),
  };
  const told = explain(forbidden, 'list pods in lab', 'https://a.test', caller);
  expect(told).toMatchObject({ message: 'runner: cannot list pods in lab: no role', fix: 'add it' });
  const left = explain({ code: 500, body: 'broken' }, 'list pods', 'https://a.test', caller);
  expect(left.message).toBe('runner: cannot list pods: broken (500)');
});
