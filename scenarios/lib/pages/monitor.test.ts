import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/**
 * Pages of metrics that take 5 s, on a clock that only waiting advances, and how often each answers; how much too long each sleep is;
 * metrics that are kept.
 */
const page5s = vi.hoisted(() => ({
  asked: 0,
  takesMs: 5_000,
  oversleptMs: [] as number[],
  answers: {} as Record<string, number>,
  added: [] as unknown[],
}));
vi.mock('../runtime/k6.ts', () => {
  const wait = (ms: number) => vi.setSystemTime(Date.now() + ms);
  class Metric {
    readonly name: string;
    constructor(name: string) {
      this.name = name;
    }
    add(value: unknown, tags?: unknown): void {
      page5s.added.push([this.name, value, tags]);
    }
  }
  return {
    http: {
      get: (url: string) => {
        page5s.asked += 1;
        wait(page5s.takesMs);
        const left = page5s.answers[url] ?? Number.POSITIVE_INFINITY;
        page5s.answers[url] = left - 1;
        return { status: left > 0 ? 200 : 0, body: 'process_resident_memory_bytes 1000\n' };
      },
    },
    sleep: (seconds: number) => wait(seconds * 1_000 + (page5s.oversleptMs.shift() ?? 0)),
    Counter: Metric,
    Rate: Metric,
    Trend: Metric,
  };
});
vi.stubGlobal('__ENV', {});
vi.stubGlobal('__VU', 0);
const { monitor, ofEachService } = await import('./monitor.ts');

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
  vi.stubGlobal('__ENV', {});
  vi.stubGlobal('console', { ...console, info: () => {}, error: () => {} });
  Object.assign(page5s, { asked: 0, takesMs: 5_000, oversleptMs: [], answers: {}, added: [] });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('a page slower than its period is asked less often, and the watch ends with the run', () => {
  monitor({ durationMs: 100_000, targets: 'slow=http://127.0.0.1:1/metrics' });
  expect(page5s.asked).toBe(20);
  expect(Date.now() - 1_000_000).toBe(100_000);
  expect(page5s.added).toContainEqual(['target_watched', 1, { service: 'slow' }]);
});

test.each([
  [18, true],
  [17, false],
])('of a service that answers %i of 20 times it is said that it was watched: %s', (answers, isSaid) => {
  const targets = 'gone=http://127.0.0.1:2/metrics,there=http://127.0.0.1:3/metrics';
  Object.assign(page5s, { answers: { 'http://127.0.0.1:2/metrics': answers } });
  monitor({ durationMs: 200_000, targets });
  const watched = (service: string) => ['target_watched', 1, { service }];
  expect(page5s.added).toContainEqual(watched('there'));
  if (isSaid) expect(page5s.added).toContainEqual(watched('gone'));
  else expect(page5s.added).not.toContainEqual(watched('gone'));
  // What was read is still judged: a leak that was seen is a leak.
  expect(page5s.added).toContainEqual(['memory_trend_up', 0, { service: 'gone' }]);
});

test.each([
  [9, true],
  [8, false],
])('of few readings one may be missing, however long it took: %i of 10, %s', (answers, isSaid) => {
  const url = 'http://127.0.0.1:4/metrics';
  const oversleptMs = [...Array(9).fill(0), 20];
  Object.assign(page5s, { answers: { [url]: answers }, takesMs: 5, oversleptMs });
  monitor({ durationMs: 10_000, targets: `few=${url}` });
  expect(Date.now() - 1_000_000).toBe(10_020);
  const watched = page5s.added.filter((one) => (one as unknown[])[0] === 'target_watched');
  expect(watched).toEqual(isSaid ? [['target_watched', 1, { service: 'few' }]] : []);
});

test('samples are due for each service, and a name stands for one', () => {
  expect(ofEachService('a=http://x/metrics,b=http://y/metrics')).toEqual({
    tag: 'service',
    values: ['a', 'b'],
    of: 'target_watched',
  });
  expect(() => ofEachService('a=http://x/metrics,a=http://y/metrics')).toThrow('two pages are called a');
  expect(() => ofEachService('http//x')).toThrow('is not name=URL');
});
