import type { ReadingsQuestion } from '../../../chaos/probes/kind.ts';
import type { ReadingBounds } from '../../../chaos/probes/readings.ts';
import { now, sleep } from '../../clock.ts';
import { many, readableMs } from '../../objectives/number-text.ts';
import { CannotRead } from './cannot-read.ts';
import { type Increase, increaseSince } from './increase.ts';
import { SeveralProcesses, watchProcess } from './one-process.ts';
import type { Numbers, Reading } from './read-source.ts';

/** `at` is null when it did not hold; `answered` is false when nobody can tell. */
export interface Followed {
  readonly at: number | null;
  readonly answered: boolean;
  readonly detail: string;
}

/** Counters as they were, and when. */
export interface Baseline extends Numbers {
  readonly at: number;
}

/**
 * Reads until it holds, or, of what has to last, until it does not or its time is up. No value, no PASS: what has to last needs readings
 * from its beginning to its end, without a gap that could hide something.
 * @param read throws when there is no value
 * @param before what an increase or a rate counts from; null: the first reading
 */
export async function followReadings(
  question: ReadingsQuestion,
  timeMs: number,
  read: () => Promise<Reading>,
  late: AbortSignal,
  before: Promise<Baseline | null> = Promise.resolve(null),
): Promise<Followed> {
  const startAt = now();
  const soonMs = question.source.kind === 'promql' ? 1_000 : 250;
  const everyMs =
    question.lastsMs === null ? soonMs : Math.min(5_000, Math.max(soonMs, question.lastsMs / 60));
  const largestGapMs = Math.max(1_000, timeMs / 10, 3 * everyMs);
  const seen = { count: 0, least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY };
  const checkProcess = watchProcess();
  let increase: Increase | null = null;
  let isCounting = false;
  let held: Followed | null = null;
  let looks = 0;
  let firstAt: number | null = null;
  let lastAt = startAt;
  let shown = '';
  let trouble = '';
  let holds = false;
  while (!late.aborted) {
    try {
      const reading = await read();
      if (!isCounting) countFrom(await before);
      isCounting = true;
      if (now() - lastAt > largestGapMs && question.lastsMs !== null) return unknown();
      const value = measured(reading);
      lastAt = now();
      trouble = ('absent' in reading && reading.absent) || '';
      seen.count += 1;
      holds = isWithin(value, question.bounds);
      shown = typeof value === 'number' ? numberText(value) : JSON.stringify(value);
      if (question.lastsMs === null && holds && !isUnseen()) {
        held ??= { at: lastAt, answered: true, detail: shown };
        looks += 1;
        if (!isGuess(reading) || looks > LOOKS_AGAIN) return held;
      }
      const isOfEach = question.lastsMs !== null && question.change === 'value';
      if (isOfEach && !holds)
        return { at: null, answered: true, detail: `${shown} after ${readableMs(lastAt - startAt)}` };
    } catch (error) {
      if (error instanceof SeveralProcesses) return { at: null, answered: false, detail: error.message };
      if (held !== null) return held;
      if (!late.aborted) trouble = (error as Error).message;
    }
    await sleep(everyMs, late);
  }
  if (held !== null) return held;
  const least = question.lastsMs === null ? 1 : 2;
  if (seen.count < least || isUnseen() || now() - lastAt > largestGapMs) return unknown();
  if (question.lastsMs === null) return { at: null, answered: true, detail: shown };
  return holds
    ? { at: now(), answered: true, detail: summary() }
    : { at: null, answered: true, detail: shown };

  function countFrom(baseline: Baseline | null): void {
    if (baseline === null) return;
    firstAt = baseline.at;
    checkProcess(baseline, baseline.at);
    increase = increaseSince(null, baseline.numbers);
  }

  /** A series that never came may be a name that is misspelt: that nothing was counted is not known. */
  function isUnseen(): boolean {
    return question.change !== 'value' && Object.keys(increase?.last ?? {}).length === 0;
  }

  /** What fell may be of a process that was started anew, or of another one. */
  function isGuess(reading: Reading): boolean {
    return question.change !== 'value' && increase?.hasFallen === true && !('startedAt' in reading);
  }

  function unknown(): Followed {
    const gap = now() - lastAt;
    const when = seen.count === 0 || isUnseen() ? 'no reading' : `no reading in the last ${readableMs(gap)}`;
    return { at: null, answered: false, detail: trouble === '' ? when : `${when}: ${trouble}` };
  }

  function measured(reading: Reading): number | string | boolean {
    const { bounds, change } = question;
    const wanted = bounds.equals === undefined ? 'number' : typeof bounds.equals;
    if ('value' in reading) {
      if (typeof reading.value !== wanted)
        throw new CannotRead(`${JSON.stringify(reading.value)} is no ${wanted}`);
      return reading.value;
    }
    if (question.change !== 'value') checkProcess(reading, now());
    // One that was there and is gone, as of an exporter whose target is down, may have counted all the same.
    if (reading.absent !== undefined && !isUnseen()) throw new CannotRead(reading.absent);
    const sum = Object.values(reading.numbers).reduce((total, one) => total + one, 0);
    if (wanted !== 'number') throw new CannotRead(`${sum} is no ${wanted}`);
    firstAt ??= now();
    increase = increaseSince(increase, reading.numbers);
    const seconds = (now() - firstAt) / 1000;
    const rate = seconds > 0 ? increase.total / seconds : 0;
    const value = { value: sum, increase: increase.total, rate }[change];
    seen.least = Math.min(seen.least, value);
    seen.most = Math.max(seen.most, value);
    return value;
  }

  function summary(): string {
    if (
      question.change !== 'value' ||
      seen.count === 1 ||
      seen.least === Number.POSITIVE_INFINITY ||
      seen.least === seen.most
    )
      return `${shown} in ${many(seen.count, 'reading')}`;
    return `${numberText(seen.least)} to ${numberText(seen.most)} in ${many(seen.count, 'reading')}`;
  }
}

/** By then, two processes that take turns have shown it. */
const LOOKS_AGAIN = 3;

function isWithin(
  value: number | string | boolean,
  { below, above, atMost, atLeast, equals }: ReadingBounds,
): boolean {
  if (equals !== undefined) return value === equals;
  if (typeof value !== 'number') return false;
  return (
    (below === undefined || value < below) &&
    (above === undefined || value > above) &&
    (atMost === undefined || value <= atMost) &&
    (atLeast === undefined || value >= atLeast)
  );
}

/** Exact enough not to look like a bound that it is not. */
function numberText(value: number): string {
  return String(Number(value.toPrecision(6)));
}
