import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { until, waitUntil } from './wait-until.ts';

type Look = (since: number) => Promise<string | undefined>;
const NOT_BEFORE = 4711;
const options = () => ({ signal: AbortSignal.timeout(10_000), notBefore: NOT_BEFORE });

const waits: [string, (look: Look) => Promise<unknown>][] = [
  ['local', (look) => waitUntil(look, { ...options(), everyMs: 1, otherwise: () => 'of it' })],
  [
    'chaos-mesh',
    (look) =>
      until(
        'it',
        async (since) => {
          const seen = await look(since);
          return seen === undefined ? { missing: 'it' } : { seen };
        },
        options(),
      ),
  ],
];

it.each(waits)(
  '%s: a look is told since when it may be so, which is when the one before began',
  async (_, wait) => {
    const looks: { readonly since: number; readonly began: number; readonly ended: number }[] = [];
    await wait(async (since) => {
      const began = Date.now();
      await sleep(20);
      looks.push({ since, began, ended: Date.now() });
      return looks.length < 3 ? undefined : 'seen';
    });
    const [first, second, third] = looks;
    expect(first?.since).toBe(NOT_BEFORE);
    expect(second?.since).toBeLessThanOrEqual(first?.began ?? 0);
    expect(second?.since).toBeGreaterThan(NOT_BEFORE);
    expect(third?.since).toBeLessThanOrEqual(second?.began ?? 0);
    expect(third?.since).toBeGreaterThanOrEqual(first?.ended ?? Number.POSITIVE_INFINITY);
  },
);

it('chaos-mesh: a look that failed saw nothing, so it may have been so since the one before', async () => {
  const sinces: number[] = [];
  await until(
    'it',
    async (since) => {
      sinces.push(since);
      if (sinces.length === 1) throw new Error('the API server restarts');
      return { seen: true };
    },
    options(),
  );
  expect(sinces).toEqual([NOT_BEFORE, NOT_BEFORE]);
});
