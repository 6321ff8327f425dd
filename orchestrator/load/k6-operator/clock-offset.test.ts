import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import { type ClockAnswer, clockOffset, readAnswer } from './clock-offset.ts';

const ZERO = 1_790_000_000_123;

/** A clock that is `behindMs` behind, asked again and again over a way with these delays (ms there, ms back). */
function ask(
  behindMs: number,
  resolutionMs: number,
  delays: readonly (readonly [number, number])[],
): ClockAnswer[] {
  let at = ZERO;
  return delays.map(([there, back]) => {
    const read = at + there - behindMs;
    const shown = resolutionMs === 0 ? read : Math.floor(read / resolutionMs) * resolutionMs;
    const answer = { sentAt: Math.floor(at), gotAt: Math.floor(at + there + back) + 1, shown, resolutionMs };
    at += there + back;
    return answer;
  });
}

const QUICK = { min: 1, max: 2 } as const;

test.each([
  [500, 0],
  [-500, 0],
  [500, 10],
  [-500, 10],
  [500, 1000],
  [-500, 1000],
])('a clock that is %d ms behind is found within 5 ms; it shows steps of %d ms', (behind, resolution) => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(24), (seed, slow) => {
      const random = seededRandom(seed);
      const delay = () => QUICK.min + random() * (QUICK.max - QUICK.min);
      // Now and then an answer takes long. With whole seconds the one that tells may be it: there, none does.
      const delays = Array.from({ length: 600 }, (_, i) =>
        resolution < 1000 && i % 25 === slow ? ([2, 40] as const) : ([delay(), delay()] as const),
      );
      const found = clockOffset(ask(behind, resolution, delays));
      expect(Math.abs((found?.offsetMs ?? Number.NaN) - behind)).toBeLessThan(5);
    }),
  );
});

test('the truth is within the bound, however lopsided the way is', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -5000, max: 5000 }),
      fc.constantFrom(0, 10, 1000),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 300 })), {
        minLength: 1,
      }),
      (behind, resolution, delays) => {
        const found = clockOffset(ask(behind, resolution, delays));
        expect(found).not.toBeNull();
        expect(Math.abs((found?.offsetMs ?? 0) - behind)).toBeLessThanOrEqual(
          (found?.plusMinusMs ?? 0) + 1e-6,
        );
      },
    ),
  );
});

test('a clock that was set meanwhile is not believed', () => {
  const answers = [...ask(0, 0, [[1, 1]]), ...ask(700, 0, [[1, 1]])];
  expect(clockOffset(answers)).toBeNull();
  expect(clockOffset([])).toBeNull();
});

test.each([
  ['a shell that knows the time', '6 1796006119.123456', 6, 1796006119123.456, 0.001],
  ['the same in French', '6 1796006119,000001', 6, 1796006119000.001, 0.001],
  [
    'GNU and newer busybox',
    '7 1796006119123456789 2026-11-30 02:35:19.119000000 +0000',
    7,
    1796006119123.456,
    0,
  ],
  [
    'busybox without nanoseconds',
    '8 1796006119%N 2026-11-30 02:35:19.983943283 +0000',
    8,
    1796006119983.943,
    10,
  ],
  ['another time zone', '8 1796006119%N 2026-11-30 04:35:19.983943283 +0200', 8, 1796006119983.943, 10],
  [
    'a file system of whole seconds',
    '9 1796006119 2026-11-30 02:35:19.000000000 +0000',
    9,
    1796006119000,
    1000,
  ],
])('%s is understood', (_title, line, number, shown, resolutionMs) => {
  expect(readAnswer(line)).toMatchObject({ number, resolutionMs });
  expect(readAnswer(line)?.shown).toBeCloseTo(shown, 2);
});

test.each(['', 'sh: stat: not found', '7 1796006119', '7 1796006119.12', 'x 1 2026-11-30 02:35:19'])(
  '%j is no answer',
  (line) => {
    expect(readAnswer(line)).toBeNull();
  },
);
