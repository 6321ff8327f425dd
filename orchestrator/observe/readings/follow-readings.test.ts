import { expect, test } from 'vitest';
import { deadline } from '../../../chaos/deadline.ts';
import type { ReadingsQuestion } from '../../../chaos/probes/kind.ts';
import { CannotRead } from './cannot-read.ts';
import { followReadings } from './follow-readings.ts';
import type { Reading } from './read-source.ts';

const source = { kind: 'json', url: 'http://127.0.0.1/', path: '$' } as const;
const stop = new AbortController().signal;

/** What comes of readings that follow each other; the last one stays. */
function follow(question: Partial<ReadingsQuestion>, timeMs: number, ...readings: (Reading | Error)[]) {
  let next = 0;
  const read = async () => {
    const reading = readings[Math.min(next, readings.length - 1)] as Reading | Error;
    next += 1;
    if (reading instanceof Error) throw reading;
    return reading;
  };
  const whole: ReadingsQuestion = {
    of: 'readings',
    source,
    change: 'value',
    bounds: {},
    lastsMs: null,
    ...question,
  };
  return followReadings(whole, timeMs, read, deadline(timeMs, stop));
}
const of = (value: number): Reading => ({ numbers: { '': value } });
const away = new CannotRead('answered 404');

test('it holds once: at the first reading that does', async () => {
  expect(await follow({ bounds: { atLeast: 3 } }, 2_000, of(1), of(4))).toMatchObject({
    answered: true,
    detail: '4',
  });
});

test('it never holds: FAIL, with the last reading', async () => {
  expect(await follow({ bounds: { atLeast: 3 } }, 400, of(1))).toEqual({
    at: null,
    answered: true,
    detail: '1',
  });
});

test('no reading is no answer, with its cause', async () => {
  expect(await follow({ bounds: { atMost: 3 } }, 400, away)).toEqual({
    at: null,
    answered: false,
    detail: expect.stringContaining('no reading: answered 404'),
  });
});

test('it holds all the time, and says from what to what', async () => {
  const held = await follow(
    { bounds: { atLeast: 28, atMost: 32 }, lastsMs: 900 },
    900,
    of(29.5),
    of(30.25),
    of(30),
  );
  expect(held).toMatchObject({
    answered: true,
    detail: expect.stringMatching(/^29\.5 to 30\.25 in \d readings$/),
  });
  expect(held.at).not.toBeNull();
});

test('once outside is enough to break what has to last', async () => {
  expect(
    await follow({ bounds: { below: 32 }, lastsMs: 5_000 }, 5_000, of(30), of(32), of(30)),
  ).toMatchObject({
    at: null,
    answered: true,
    detail: expect.stringMatching(/^32 after /),
  });
});

test('what lasts is not known without a single reading, whatever the bound', async () => {
  expect(await follow({ change: 'increase', bounds: { atMost: 0 }, lastsMs: 400 }, 400, away)).toMatchObject({
    at: null,
    answered: false,
  });
});

test('a gap in what has to last hides what happened in it: not known', async () => {
  const gap = Array.from({ length: 5 }, () => away);
  const seen = await follow({ bounds: { atMost: 3 }, lastsMs: 2_500 }, 2_500, of(1), ...gap, of(1));
  expect(seen).toMatchObject({
    at: null,
    answered: false,
    detail: expect.stringMatching(/^no reading in the last 1\./),
  });
});

test('what lasts and was not read to its end is not known, nor is a single reading', async () => {
  const seen = await follow({ bounds: { atMost: 3 }, lastsMs: 2_000 }, 2_000, of(1), of(1), away);
  expect(seen).toMatchObject({ at: null, answered: false, detail: expect.stringContaining('answered 404') });
  expect(await follow({ bounds: { atMost: 3 }, lastsMs: 200 }, 200, of(1))).toMatchObject({
    answered: false,
  });
});

test.each([
  ['no action in the time', { atMost: 0 }, [of(7), of(7)], true, '0'],
  ['one action in the time', { atMost: 0 }, [of(7), of(8)], false, '1'],
  ['a process that was started anew counts from 0', { equals: 5 }, [of(7), of(8), of(1), of(4)], true, '5'],
  [
    'series by themselves: one is reset, one is new, one goes on',
    { equals: 6 },
    [{ numbers: { a: 100, b: 5 } }, { numbers: { a: 2, b: 6, c: 3 } }],
    true,
    '6',
  ],
] as const)('an increase over all of the time: %s', async (_, bounds, readings, holds, detail) => {
  const seen = await follow({ change: 'increase', bounds, lastsMs: 1_500 }, 1_500, ...readings);
  expect([seen.at !== null, seen.answered]).toEqual([holds, true]);
  expect(seen.detail.split(' ')[0]).toBe(detail);
});

test('a rate is the increase in a second over all of the time', async () => {
  const seen = await follow({ change: 'rate', bounds: { above: 1 }, lastsMs: 1_000 }, 1_000, of(0), of(100));
  expect(seen.at).not.toBeNull();
});

test('a text where a number is wanted, and the other way round, is no answer', async () => {
  expect(await follow({ bounds: { atMost: 3 } }, 300, { value: '2' })).toMatchObject({
    answered: false,
    detail: expect.stringContaining('"2" is no number'),
  });
  expect(await follow({ bounds: { equals: 'ok' } }, 300, of(1))).toMatchObject({
    answered: false,
    detail: expect.stringContaining('1 is no string'),
  });
  expect(await follow({ bounds: { equals: true } }, 300, { value: false })).toMatchObject({
    answered: true,
    at: null,
  });
  expect((await follow({ bounds: { equals: 'ok' } }, 300, { value: 'ok' })).at).not.toBeNull();
});
