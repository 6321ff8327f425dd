import { expect, test } from 'vitest';
import { deadline } from '../../../chaos/deadline.ts';
import { CannotRead } from './cannot-read.ts';
import { followForecast } from './follow-forecast.ts';
import { createWindows, type SeenWindow } from './forecast-windows.ts';

const WINDOW = 10;
/** One reading a second of windows of ten seconds, in which 1 is added each second, from the `from`th second on. */
const readings = (seconds: number, forecast: (spent: number) => number, from = 0) =>
  Array.from({ length: seconds }, (_, i) => {
    const actual = ((from + i) % WINDOW) + 1;
    return { at: 1_000 * i, forecast: forecast(actual), actual };
  });

function windowsOf(list: ReturnType<typeof readings>): SeenWindow[] {
  const windows = createWindows();
  return list.flatMap((one) => windows.read(one) ?? []);
}

test('each window that was seen from its beginning to its end is held against the forecast of its middle', () => {
  // Seen from its fourth second on, so that nobody knows what was forecast in the middle of the first one.
  expect(windowsOf(readings(35, () => 8, 4))).toEqual([
    { forecast: 8, actual: 10, off: expect.closeTo(0.2) },
    { forecast: 8, actual: 10, off: expect.closeTo(0.2) },
  ]);
});

test('a forecast that takes what has come for all that will is off by nearly the half', () => {
  const [seen] = windowsOf(readings(25, (spent) => spent));
  expect(seen).toMatchObject({ actual: 10 });
  expect(seen?.off).toBeCloseTo(0.5, 0);
});

test('a forecast that is only right at the end of the window is not right', () => {
  const [seen] = windowsOf(readings(25, (spent) => (spent === 10 ? 10 : 0)));
  expect(seen).toEqual({ forecast: 0, actual: 10, off: 1 });
});

test('a window in which nothing came, or whose middle was not read, proves nothing', () => {
  const nothing = [3, 0, 0, 0, 0, -1].map((actual, i) => ({ at: i, forecast: 0, actual }));
  expect(windowsOf(nothing)).toEqual([]);
  const gap = readings(25, () => 10).filter(({ at }) => !(at >= 12_000 && at < 19_000));
  expect(windowsOf(gap)).toEqual([]);
});

/** What comes of readings that follow each other; after the last one there is none. */
function follow(list: readonly { readonly forecast: number; readonly actual: number }[]) {
  let next = 0;
  const read = async () => {
    const reading = list[next];
    next += 1;
    if (reading === undefined) throw new CannotRead('answered 404');
    return reading;
  };
  const source = { kind: 'json', url: 'http://127.0.0.1/', path: '$' } as const;
  const question = {
    of: 'forecast',
    forecast: source,
    actual: source,
    offAtMost: 0.25,
    withinMs: 3_000,
  } as const;
  return followForecast(question, read, deadline(3_000, new AbortController().signal));
}
const of = (forecast: number, ...actual: readonly number[]) =>
  actual.map((one) => ({ forecast, actual: one }));

test('it holds at the end of a window that was forecast well', async () => {
  expect(await follow(of(9, 5, 1, 3, 5, 8, 10, 1))).toMatchObject({
    at: expect.any(Number),
    answered: true,
    detail: 'forecast 9, came 10: off by 10 %',
  });
});

test('it does not hold when the target forecasts something else', async () => {
  expect(await follow(of(4, 5, 1, 3, 5, 8, 10, 1))).toEqual({
    at: null,
    answered: true,
    detail: 'forecast 4, came 10: off by 60 %',
  });
});

test('without a whole window nobody knows', async () => {
  expect(await follow(of(9, 1, 2, 3))).toEqual({
    at: null,
    answered: false,
    detail: 'no whole window was seen: answered 404',
  });
});
