import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sums } from '../test/summing-k6.ts';

/** What the target answers to orders and to questions about them, and the last user's socket. */
const target = vi.hoisted(() => ({
  order: { status: 202, body: '' },
  beat: { status: 200, body: '' },
  socket: null as { onopen(): void; onmessage(event: { data: string }): void; closed: boolean } | null,
}));
vi.mock('./lib/runtime/k6.ts', async () => {
  const { metrics } = await import('../test/summing-k6.ts');
  const answer = ({ status, body }: { status: number; body: string }) => ({
    status,
    json: (): unknown => JSON.parse(body),
    timings: { duration: 10 },
  });
  return {
    http: { post: () => answer(target.order), get: () => answer(target.beat) },
    ...metrics,
  };
});
vi.mock('./lib/runtime/websocket.ts', () => ({
  wsUrl: '',
  WebSocket: class {
    closed = false;
    constructor() {
      target.socket = this as never;
    }
    close(): void {
      this.closed = true;
    }
  },
}));
vi.stubGlobal('__VU', 1);
vi.stubGlobal('__ENV', {});
const { default: orderBeat } = await import('./beats.ts');

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  sums.clear();
  target.order = { status: 202, body: '{"id":"b1","queuedAt":1000000}' };
  target.beat = { status: 200, body: '{"id":"b1","state":"done"}' };
});
afterEach(() => vi.useRealTimers());

const of = (...names: string[]) => names.map((name) => sums.get(`beat_${name}`));

test('a notification that the beat is done reaches the user, who is then finished', () => {
  orderBeat({ token: null });
  target.socket?.onopen();
  const data = JSON.stringify({ id: 'b1', state: 'done', startedAt: 1_000_000, finishedAt: 1_015_000 });
  target.socket?.onmessage({ data });
  expect(of('failed', 'unannounced')).toEqual([0, 0]);
  expect(target.socket?.closed).toBe(true);
});

test.each([
  ['refused', { status: 503, body: '' }],
  ['taken with a page', { status: 202, body: '<html>' }],
  ['taken without a number', { status: 202, body: '{}' }],
])('an order that is %s has failed at once', (_, order) => {
  target.order = order;
  orderBeat({ token: null });
  target.socket?.onopen();
  expect(of('failed', 'unannounced')).toEqual([1, undefined]);
  expect(target.socket?.closed).toBe(true);
  vi.runAllTimers();
  expect(of('failed', 'unannounced')).toEqual([1, undefined]);
});

test.each([
  ['that it is done', { status: 200, body: '{"state":"done"}' }, 0],
  ['a page', { status: 200, body: '<html>' }, 1],
])('without word of it he asks once, and hears %s', (_, beat, failed) => {
  target.beat = beat;
  orderBeat({ token: null });
  target.socket?.onopen();
  vi.runAllTimers();
  expect(of('failed', 'unannounced')).toEqual([failed, 1]);
  expect(target.socket?.closed).toBe(true);
});
