import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { deadline, firstOf } from './deadline.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const aborted = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));

describe('a deadline', () => {
  test('comes, also when only its listeners are left and the garbage is collected meanwhile', async () => {
    const stop = new AbortController();
    const all = Array.from({ length: 50 }, () => aborted(deadline(30, stop.signal)));
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    const reasons = await Promise.all(all);
    expect(reasons.every((reason) => (reason as Error).name === 'TimeoutError')).toBe(true);
  });

  test('is over at once with one of its signals, for the same reason', async () => {
    const stop = new AbortController();
    const signal = deadline(60_000, new AbortController().signal, stop.signal);
    const over = aborted(signal);
    stop.abort('enough');
    expect(await over).toBe('enough');
    expect(deadline(60_000, stop.signal).reason).toBe('enough');
  });

  test('that has come leaves no listener behind', async () => {
    const stop = new AbortController();
    await aborted(deadline(1, stop.signal));
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});

test('the first of several signals is the one that counts', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const signal = firstOf(one.signal, other.signal);
  expect(signal.aborted).toBe(false);
  other.abort('other');
  one.abort('one');
  expect(signal.reason).toBe('other');
});
