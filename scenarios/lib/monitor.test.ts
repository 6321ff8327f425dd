import { expect, test, vi } from 'vitest';

/** A page of metrics that takes 5 s, on a clock that only waiting moves on. */
const page5s = vi.hoisted(() => ({ asked: 0 }));
vi.mock('./k6.ts', () => {
  const wait = (ms: number) => vi.setSystemTime(Date.now() + ms);
  class Metric {
    add(): void {}
  }
  return {
    http: {
      get: () => {
        page5s.asked += 1;
        wait(5_000);
        return { status: 200, body: 'process_resident_memory_bytes 1000\n' };
      },
    },
    sleep: (seconds: number) => wait(seconds * 1_000),
    Counter: Metric,
    Rate: Metric,
    Trend: Metric,
  };
});
vi.stubGlobal('__ENV', {});
vi.stubGlobal('__VU', 0);
const { monitor, ofEachService } = await import('./monitor.ts');

test('a page slower than its period is asked less often, and the watch ends with the run', () => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
  vi.stubGlobal('console', { ...console, info: () => {}, error: () => {} });
  try {
    monitor({ durationMs: 100_000, targets: 'slow=http://127.0.0.1:1/metrics' });
    expect(page5s.asked).toBe(20);
    expect(Date.now() - 1_000_000).toBe(100_000);
  } finally {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  }
});

test('samples are due of each service, and a name stands for one', () => {
  vi.stubGlobal('__ENV', {});
  expect(ofEachService('a=http://x/metrics,b=http://y/metrics')).toEqual({
    tag: 'service',
    values: ['a', 'b'],
  });
  expect(() => ofEachService('a=http://x/metrics,a=http://y/metrics')).toThrow('two pages are called a');
  expect(() => ofEachService('http//x')).toThrow('is not name=URL');
});
