import { expect, test } from 'vitest';
import { exportsOf } from './exports-of.ts';

test('a package has its names, whether they were packed into default or not', () => {
  const names = { createClient: () => 1 };
  expect(exportsOf({ ...names, default: names })).toHaveProperty('createClient');
  expect(exportsOf({ default: names } as never)).toBe(names);
  expect(exportsOf({ default: names, __esModule: true } as never)).toBe(names);
});
