import { beforeEach, expect, test, vi } from 'vitest';

const k6 = vi.hoisted(() => ({
  answers: [] as { status: number; body?: unknown }[],
  asked: [] as string[],
  failed: [] as number[],
}));
vi.mock('../runtime/k6.ts', () => {
  const answer = (how: string, url: string) => {
    k6.asked.push(`${how} ${url.slice('http://127.0.0.1:9000'.length)}`);
    const { status, body } = k6.answers.shift() ?? { status: 0 };
    return { status, json: () => (typeof body === 'string' ? JSON.parse(body) : body) };
  };
  return {
    http: {
      get: (url: string) => answer('GET', url),
      post: (url: string) => answer('POST', url),
    },
    Counter: class {
      add(): void {}
    },
    Rate: class {
      add(value: boolean): void {
        k6.failed.push(Number(value));
      }
    },
  };
});
vi.stubGlobal('__ENV', {});
vi.stubGlobal('__VU', 0);
const { orderOrAsk } = await import('./mix-beats.ts');

beforeEach(() => {
  for (const list of [k6.answers, k6.asked, k6.failed]) list.length = 0;
});

test('a beat counts, as failed or not, only when its end is known', () => {
  const user = { headers: {}, beat: null };
  const beat = (state: string) => ({ status: 200, body: { id: 'b1', state } });
  k6.answers.push({ status: 202, body: { id: 'b1' } }, beat('queued'), { status: 503 }, beat('started'));
  for (let i = 0; i < 4; i += 1) orderOrAsk(user);
  expect(k6.asked).toEqual(['POST /api/ai/generate-beat', ...Array(3).fill('GET /api/ai/beats/b1')]);
  expect(k6.failed).toEqual([]);
  k6.answers.push(beat('done'));
  orderOrAsk(user);
  expect(k6.failed).toEqual([0]);
  expect(user.beat).toBeNull();
});

test.each([
  ['failed', { status: 200, body: { state: 'failed' } }],
  ['is not known any more', { status: 404 }],
])('a beat that %s is counted, and the user orders another', (_, last) => {
  const user = { headers: {}, beat: 'b1' };
  k6.answers.push(last);
  orderOrAsk(user);
  expect(k6.failed).toEqual([1]);
  expect(user.beat).toBeNull();
});

test('a page instead of a beat says nothing about it: the user asks again', () => {
  const user = { headers: {}, beat: 'b1' };
  k6.answers.push({ status: 200, body: '<html>' });
  orderOrAsk(user);
  expect(k6.failed).toEqual([]);
  expect(user.beat).toBe('b1');
});

test.each([
  ['refused', { status: 503 }],
  ['taken with a page', { status: 202, body: '<html>' }],
  ['taken without a number', { status: 202, body: {} }],
])('an order that is %s is a beat that failed', (_, answer) => {
  const user = { headers: {}, beat: null };
  k6.answers.push(answer);
  orderOrAsk(user);
  expect(k6.failed).toEqual([1]);
  expect(user.beat).toBeNull();
});
