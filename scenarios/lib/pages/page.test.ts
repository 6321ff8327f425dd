import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** Pages on a clock that only waiting advances. */
const server = vi.hoisted(() => ({ takesMs: 0, status: 200, asked: [] as number[] }));
vi.mock('../runtime/k6.ts', () => {
  const wait = (ms: number) => vi.setSystemTime(Date.now() + ms);
  return {
    http: {
      get: () => {
        server.asked.push(Date.now());
        wait(server.takesMs);
        return { status: server.status, body: 'a 1\n' };
      },
    },
    sleep: (seconds: number) => wait(seconds * 1_000),
  };
});
vi.stubGlobal('__ENV', {});
vi.stubGlobal('__VU', 0);
const { pagesNamed, watchPages } = await import('./page.ts');

beforeEach(() => {
  Object.assign(server, { takesMs: 0, status: 200, asked: [] });
  vi.useFakeTimers({ now: 0, toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const watch = (durationMs: number): (string | null)[] => {
  const texts: (string | null)[] = [];
  watchPages([{ url: 'http://127.0.0.1:1/metrics' }], durationMs, (_, text) => texts.push(text));
  return texts;
};

test('a page is read at the beginning, every second, and at the end', () => {
  expect(watch(2_500)).toEqual(['a 1\n', 'a 1\n', 'a 1\n', 'a 1\n']);
  expect(server.asked).toEqual([0, 1_000, 2_000, 2_500]);
});

test('a slow page is read less often, and once more when the time is over', () => {
  server.takesMs = 1_500;
  watch(4_000);
  expect(server.asked).toEqual([0, 1_500, 3_000, 4_500]);
});

test('a page that answers with an error is null, not an empty page', () => {
  server.status = 503;
  expect(watch(1_000)).toEqual([null, null]);
});

test('pages have names, and the message about one without names the setting', () => {
  expect(pagesNamed('METRICS', 'a=http://h/m,b=http://h/m?x=1')).toEqual([
    { name: 'a', url: 'http://h/m' },
    { name: 'b', url: 'http://h/m?x=1' },
  ]);
  expect(() => pagesNamed('METRICS', 'a=http://h/m,a=http://i/m')).toThrow('METRICS: two pages are called a');
  expect(() => pagesNamed('METRICS', 'a=http://h/m,http')).toThrow('METRICS: "http" is not name=URL');
});
