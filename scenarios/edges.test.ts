import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** A clock that only k6's own actions advance, a health check that takes as long as the test says, and what was counted. */
const target = vi.hoisted(() => ({
  checkMs: 0,
  checks: 0,
  login: '',
  counted: new Map<string, number>(),
}));

vi.mock('./lib/runtime/k6.ts', () => {
  const wait = (ms: number) => vi.setSystemTime(Date.now() + ms);
  class Metric {
    readonly name: string;
    constructor(name: string) {
      this.name = name;
    }
    add(value: number): void {
      target.counted.set(this.name, (target.counted.get(this.name) ?? 0) + value);
    }
  }
  return {
    http: {
      expectedStatuses: () => null,
      get: () => {
        target.checks += 1;
        wait(target.checkMs);
        return { status: 200, body: '{"status":"ok"}', timings: { duration: target.checkMs } };
      },
      post: () => ({ status: 200, json: (): unknown => JSON.parse(target.login) }),
    },
    exec: {},
    sleep: (seconds: number) => wait(seconds * 1_000),
    Counter: Metric,
    Rate: Metric,
    Trend: Metric,
  };
});
vi.stubGlobal('__VU', 0);
vi.stubGlobal('__ENV', {});
const { setup, watchHealth } = await import('./edges.ts');

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ['Date'] });
  target.checks = 0;
  target.counted.clear();
});
afterEach(() => vi.useRealTimers());

test('the health check is asked every quarter of a second for the whole run', () => {
  target.checkMs = 10;
  watchHealth();
  expect(target.checks).toBe(320);
  expect(Date.now() - 1_000_000).toBe(80_000);
  expect(target.counted.get('health_outages')).toBe(0);
});

test('a health check slower than 5 s is one outage, counted when the run is over and not half an hour later', () => {
  target.checkMs = 5_200;
  watchHealth();
  expect(Date.now() - 1_000_000).toBeLessThan(80_000 + 5_200 + 250);
  expect(target.counted.get('health_outages')).toBe(1);
  expect(target.counted.get('health_flapping')).toBe(0);
});

test.each([
  ['a token', '{"token":"abc"}', 'abc'],
  ['a page', '<html>', null],
  ['no token', '{}', null],
])('a login that brings %s brings an expired token, or none', (_, login, expired) => {
  vi.stubGlobal('__ENV', { TOKEN: 'given' });
  target.login = login;
  expect(setup().expired).toBe(expired);
  vi.stubGlobal('__ENV', {});
});
