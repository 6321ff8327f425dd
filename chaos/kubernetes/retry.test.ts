import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { explain } from './errors.ts';
import { askAgain } from './retry.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const failure = (code: number, message: string) =>
  explain({ code, body: JSON.stringify({ message }) }, 'check it', 'https://cluster.test');
const late = failure(
  500,
  'Internal error occurred: failed calling webhook "v.test": context deadline exceeded',
);

const broken = (code: string) =>
  explain(Object.assign(new Error(`request to it failed: ${code}`), { code }), 'check it', 'cluster.test');

async function asked(failures: readonly Error[], signal = new AbortController().signal) {
  const ask = vi.fn(async () => 'done');
  for (const error of failures) ask.mockRejectedValueOnce(error);
  const outcome = askAgain(ask, signal).catch((error) => error);
  await vi.advanceTimersByTimeAsync(10_000);
  return { outcome: await outcome, calls: ask.mock.calls.length };
}

test.each([
  ['a webhook that is late', late],
  ['an API server that has too much to do', failure(429, 'too many requests')],
  ['one that restarts', failure(503, 'service unavailable')],
  ['one that was too slow', failure(504, 'timeout')],
  ['one that broke off', broken('ECONNRESET')],
  ['one that is not there at the moment', broken('ECONNREFUSED')],
])('asks again after %s, three times at most', async (_, error) => {
  expect(await asked([error, error])).toEqual({ outcome: 'done', calls: 3 });
  expect(await asked([error, error, error])).toEqual({ outcome: error, calls: 3 });
});

test.each([
  ['a webhook that refuses', failure(403, 'admission webhook "v.test" denied the request: no')],
  ['another error of the server', failure(500, 'etcd is broken')],
  ['an error of this side', new Error('a bug')],
  ['a name that nobody has', broken('ENOTFOUND')],
  ['a certificate that is not the right one', broken('CERT_HAS_EXPIRED')],
])('does not ask again after %s', async (_, error) => {
  expect(await asked([error])).toEqual({ outcome: error, calls: 1 });
});

test('an API server that lets calls wait is not asked for longer than five seconds', async () => {
  const ask = vi.fn(async () => {
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    throw broken('ETIMEDOUT');
  });
  const outcome = askAgain(ask, new AbortController().signal).catch((error) => error);
  await vi.advanceTimersByTimeAsync(8_600);
  expect((await outcome).message).toMatch(/ETIMEDOUT/);
  expect(ask).toHaveBeenCalledTimes(2);
});

test('does not ask again when there is no time left', async () => {
  expect(await asked([late], AbortSignal.abort())).toEqual({ outcome: late, calls: 1 });
});
