import { afterEach, describe, expect, test } from 'vitest';
import type { Outcome, Verdict } from '../../orchestrator/verdict.types.ts';
import { anyK6 } from '../k6.ts';
import { eachInStateDirectory } from '../state-directory.ts';
import { trials } from '../trials.ts';
import {
  canTakeMachine,
  type Disturbance,
  type DisturbedDrill,
  disturbedDrill,
  removeRecordings,
  STANDSTILL_MS,
} from './disturbed-drill.ts';

const k6 = await anyK6();
const COUNTS = { full: 50, sample: 1 };
/** A drill takes 10 s. */
const TIMEOUT_MS = 1_800_000;

eachInStateDirectory(() => {});
afterEach(removeRecordings);

/** A target that waited for longer was not healthy, because of other work on this machine. Where it does harm itself, nothing is noise. */
const MOST_WAITED_MS: Readonly<Record<Disturbance, number>> = {
  'k6 is stopped': 300,
  'a hog': 2 * STANDSTILL_MS,
  'the target stalls': Number.POSITIVE_INFINITY,
  'the target burns': Number.POSITIVE_INFINITY,
};

/** Runs the series. A trial that is not as it should be is told with its seed and its reasons. */
async function series(disturbance: Disturbance, check: (drill: DisturbedDrill) => Promise<string>) {
  const { count, random } = trials(disturbance, COUNTS);
  const mostWaitedMs = MOST_WAITED_MS[disturbance];
  const wrong: string[] = [];
  for (let trial = 1; trial <= count; trial++) {
    const shape = {
      atMs: 2_000 + Math.floor(random() * 1_500),
      rate: 40 + Math.floor(random() * 40),
      delayMs: 10 + Math.floor(random() * 60),
    };
    let [drill, said] = await once();
    // What other work on this machine does to the target is not what is tried here.
    for (let again = 0; said !== '' && drill.targetWaitedMs > mostWaitedMs && again < 3; again++) {
      process.stdout.write(`trial ${trial} again: the target waited for ${drill.targetWaitedMs} ms\n`);
      [drill, said] = await once();
    }
    async function once() {
      const one = await disturbedDrill({ ...shape, k6: k6 as NonNullable<typeof k6>, disturbance });
      return [one, await check(one)] as const;
    }
    if (said !== '')
      wrong.push(
        `trial ${trial} ${JSON.stringify(shape)}, the target waited ${drill.targetWaitedMs} ms: ${said}\n${drill.verdict.reasons.join('\n')}`,
      );
    removeRecordings();
  }
  expect(wrong).toEqual([]);
}

function is(verdict: Verdict, expected: readonly Outcome[], what: string): string {
  return expected.includes(verdict.verdict) ? '' : `${what} ${verdict.verdict}, not ${expected.join(' or ')}`;
}

describe.skipIf(k6 === null)('a healthy target', () => {
  const expectInvalid = async (drill: DisturbedDrill) => {
    const blamed = drill.verdict.objectives.filter(({ byMachine }) => byMachine);
    return (
      is(drill.verdict, ['INVALID'], 'it is') ||
      (blamed.length > 0 ? '' : 'the reason is not the machine') ||
      // Without the readings the target would get the blame: the series can fail.
      is(await drill.judgedWith([]), ['FAIL'], 'without readings it is')
    );
  };

  test(
    'whose load generator is stopped for 1.5 s is not blamed: INVALID',
    () => series('k6 is stopped', expectInvalid),
    TIMEOUT_MS,
  );

  test.skipIf(!canTakeMachine())(
    'beside a hog that takes the whole machine for 1.5 s is not blamed: INVALID',
    () => series('a hog', expectInvalid),
    TIMEOUT_MS,
  );
});

describe.skipIf(k6 === null)('a target', () => {
  test(
    'that stalls by itself for 1.5 s is not excused: FAIL',
    () =>
      series('the target stalls', async (drill) => {
        const [from, to] = [Date.parse(drill.verdict.startedAt), Date.parse(drill.verdict.endedAt)];
        return (
          is(drill.verdict, ['FAIL'], 'it is') ||
          // With readings of a machine that never ran it would be: the series can fail.
          is(
            await drill.judgedWith([{ from, to, lostMs: to - from, cause: 'late' }]),
            ['INVALID'],
            'with such readings it is',
          )
        );
      }),
    TIMEOUT_MS,
  );

  test(
    'that burns the machine that it shares with the load never passes',
    () => series('the target burns', async (drill) => is(drill.verdict, ['FAIL', 'INVALID'], 'it is')),
    TIMEOUT_MS,
  );
});
