import { readableMs } from '../objectives/number-text.ts';
import { clockText, type Finding } from './finding.ts';
import type { Hang } from './outages/hangs.ts';
import type { Window } from './outages/troubles.ts';

/**
 * A target that hung until the load was over. k6 writes no sample of a request that it cuts off, so no objective sees it. `outages`: those
 * of faults, which are judged as such. `name`: of the load, for people.
 */
export function hangFindings(hangs: readonly Hang[], outages: readonly Window[], name: string): Finding[] {
  return hangs
    .filter((hang) => !outages.some(({ from, to }) => from <= hang.to && to >= hang.from))
    .map((hang) => {
      const silence = readableMs(hang.to - hang.from);
      const what = `the scenario ${hang.scenario} of ${name} had no answer from ${clockText(hang.from)} until k6 cut it off ${silence} later`;
      if (hang.isUnanswered && hang.to - hang.from >= SURELY_MS) {
        return {
          result: 'FAIL',
          text: `The target hung: ${what}. Its requests were sent, and not one byte came back.`,
          consequence: 'the target did not answer what it was asked',
          advice:
            'Look at what the target did then. Where so long an answer is right, make `gracefulStop` of the scenario longer.',
        };
      }
      return {
        result: 'INVALID',
        text: `The target may have hung: ${what}, and k6 tells nothing of requests that it cuts off.`,
        consequence: 'whether the target still answered is not known',
        advice:
          'Give the requests a `timeout` that is shorter than `gracefulStop` of the scenario, or make iterations that pause so long end before the load does; then run again.',
      };
    });
}

/** With `gracefulStop: 0s`, a request is cut off that is merely slow. */
const SURELY_MS = 5_000;
