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
const { gauge, monitor } = await import('./monitor.ts');

const page = `# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 8.52e+07
process_cpu_seconds_total 1.25
process_cpu_seconds_total_other 9
`;

test('a metric is found by its whole name', () => {
  expect(gauge(page, 'process_resident_memory_bytes')).toBe(85_200_000);
  expect(gauge(page, 'process_cpu_seconds_total')).toBe(1.25);
  expect(gauge('a 1\nb 2', 'a')).toBe(1);
});

test('a metric that is not there is not zero', () => {
  expect(gauge(page, 'process_resident')).toBeNull();
  expect(gauge('', 'a')).toBeNull();
  expect(gauge('a x', 'a')).toBeNull();
});

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
