import type { RunStarted } from '../journal/events.ts';
import type { LoadCounts } from './collect-load.ts';
import type { Finding } from './finding.ts';

/**
 * Does the script alone decide whether the load went well? Its thresholds then say all that is promised; that iterations ran is no promise
 * about the target.
 */
export function decidesAlone({ faults, objectives, load }: RunStarted['drill'], index: number): boolean {
  return (
    judgesThresholds(load[index]) &&
    faults.length === 0 &&
    objectives.every((one) => 'counter' in one && one.counter === 'iterations')
  );
}

export function judgesThresholds(load: RunStarted['drill']['load'][number] | undefined): boolean {
  return load?.script !== undefined && load.thresholds !== 'ignore';
}

/** Was nobody there? Of other protocols failures look like successes, so that nothing is said then. */
export function noneAnswered({ requests, unanswered, speaksOther }: LoadCounts): boolean {
  return requests > 0 && unanswered === requests && !speaksOther;
}

/** Every request of a load failed whose script alone decides. A script whose thresholds are about something else does not see it. */
export function failedAltogether(counts: LoadCounts, name: string, causes: string): Finding[] {
  const failed = [...counts.failures.values()].reduce((sum, count) => sum + count, 0);
  if (counts.requests === 0 || failed < counts.requests || counts.speaksOther) return [];
  const all = failed === 1 ? 'its only request' : `each of its ${failed} requests`;
  if (noneAnswered(counts))
    return [
      {
        result: 'INVALID',
        text: `${name}: ${all} failed, and nobody answered: ${causes}.`,
        consequence: 'nothing of the target was measured',
        advice:
          'Look whether the target runs, and whether the load has its address (`vars` of the environment or the check); then run again.',
      },
    ];
  return [
    {
      result: 'INVALID',
      text: `${name}: ${all} failed: ${causes}.`,
      consequence: 'what the thresholds of the script say proves nothing',
      advice:
        'Look at what the target answers. Where the script wants just these answers, let it say so (`http.setResponseCallback(http.expectedStatuses(…))`).',
    },
  ];
}

/** Thresholds that k6 calls passed because nothing was there to break them. */
export function emptyThresholds({ emptyThresholds: empty }: LoadCounts, name: string): Finding[] {
  if (empty.length === 0) return [];
  const shown = empty.slice(0, MOST_SHOWN).join(', ');
  const left = empty.length - MOST_SHOWN;
  const isOne = empty.length === 1;
  return [
    {
      result: 'INVALID',
      text: `${name}: the threshold${isOne ? '' : 's'} ${shown}${left > 0 ? ` and ${left} more` : ''} measured nothing: no sample has ${isOne ? 'it' : 'them'}.`,
      consequence: `what ${isOne ? 'it promises' : 'they promise'} is not known`,
      advice:
        'Compare the names and tags in `thresholds` with those that the script gives its requests and metrics.',
    },
  ];
}

const MOST_SHOWN = 3;
