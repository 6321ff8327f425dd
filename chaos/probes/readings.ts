import { z } from 'zod';
import { message } from '../fields/message.ts';
import { parseMetricSelector } from '../fields/metric-selector.ts';
import { name } from '../fields/names.ts';
import { positiveDurationMs } from '../fields/units.ts';

/** What the kinds `metric` and `json` have in common: they read a number, again and again, and hold it against a bound. */
export const ofReadings = {
  name,
  after: name
    .optional()
    .describe(
      'the fault whose injection starts the clock, or the earlier probe that has to hold first; left out: the first sample of the load',
    ),
  of: z
    .enum(['value', 'increase', 'rate'])
    .default('value')
    .describe('what is read; its increase since the start of the clock; or that increase in a second'),
  below: z.number().optional(),
  above: z.number().optional(),
  atMost: z.number().optional(),
  atLeast: z.number().optional(),
  within: positiveDurationMs.optional().describe('it holds once in this time'),
  for: positiveDurationMs.optional().describe('it holds all this time; an increase or a rate over all of it'),
};

/** A series of a page of metrics, with its labels. */
export const series = z
  .string()
  .max(1_000)
  .superRefine((text, context) => {
    try {
      parseMetricSelector(text);
    } catch (error) {
      context.addIssue({
        code: 'custom',
        message: message((error as Error).message, 'write for example jobs_total{outcome="failed"}'),
      });
    }
  });

export interface ReadingBounds {
  readonly below?: number | undefined;
  readonly above?: number | undefined;
  readonly atMost?: number | undefined;
  readonly atLeast?: number | undefined;
  readonly equals?: number | string | boolean | undefined;
}

interface Readings extends ReadingBounds {
  readonly of: 'value' | 'increase' | 'rate';
  readonly within?: number | undefined;
  readonly for?: number | undefined;
}

/** The rules that look at more than one key. */
export function checkReadings(probe: Readings, context: z.RefinementCtx): void {
  const issue = (path: string[], rule: string, fix: string) =>
    context.addIssue({ code: 'custom', path, message: message(rule, fix) });
  const { below, above, atMost, atLeast, equals } = probe;
  const upper = below ?? atMost;
  const lower = above ?? atLeast;
  const bounds = [below, above, atMost, atLeast, equals].filter((bound) => bound !== undefined).length;
  if (bounds === 0) issue([], 'a reading needs a bound', 'say below, above, atMost, atLeast or equals');
  if (equals !== undefined && bounds > 1)
    issue(['equals'], 'equals is a bound of its own', 'remove the others');
  if (below !== undefined && atMost !== undefined)
    issue(['below'], 'below and atMost are one bound', 'keep one');
  if (above !== undefined && atLeast !== undefined)
    issue(['above'], 'above and atLeast are one bound', 'keep one');
  const isClosed = atMost !== undefined && atLeast !== undefined;
  if (upper !== undefined && lower !== undefined && (isClosed ? lower > upper : lower >= upper))
    issue([], 'no number lies between these bounds', 'swap the two');
  if ((probe.within === undefined) === (probe.for === undefined))
    issue([], 'a reading holds once, or all the time', 'say either `within: 60s` or `for: 60s`');
  if (probe.of === 'value' || probe.within === undefined) return;
  if (probe.of === 'rate')
    issue(['within'], 'a rate needs its whole time', 'say `for:` in place of `within:`');
  else if (lower === undefined && (typeof equals !== 'number' || equals === 0))
    issue(
      ['within'],
      'nothing has increased at first, so that this holds at once',
      'say `for:` in place of `within:`',
    );
}

/** Only the bounds of a probe. */
export function boundsOf({ below, above, atMost, atLeast, equals }: ReadingBounds): ReadingBounds {
  return { below, above, atMost, atLeast, equals };
}

/** `>= 28 and <= 32`. */
export function boundsText({ below, above, atMost, atLeast, equals }: ReadingBounds): string {
  const parts = [
    [above, '>'],
    [atLeast, '>='],
    [below, '<'],
    [atMost, '<='],
  ] as const;
  if (equals !== undefined) return `= ${JSON.stringify(equals)}`;
  return parts.flatMap(([bound, sign]) => (bound === undefined ? [] : [`${sign} ${bound}`])).join(' and ');
}

/** `the increase of x`, `x`. */
export function whatText(of: Readings['of'], what: string): string {
  return of === 'value'
    ? what
    : of === 'increase'
      ? `the increase of ${what}`
      : `the rate of ${what} a second`;
}
