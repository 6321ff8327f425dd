import type { SuiteComparison } from '../../../chaos/schema/suite.ts';
import type { Between } from '../calibration/calibration.ts';
import { type Comparison, type Measure, measureText, type Sample } from '../decision/comparison.ts';
import { decideAll, type Question } from '../decision/decide.ts';
import { doubtByFailures } from './doubt-by-failures.ts';
import { hasAnswers, type Pair, pairsOf, type Taken } from './pairs.ts';
import { DROPPED_SHARE, type Slots } from './read-slots.ts';

/** One line of gate.json. */
export interface ComparisonResult extends Omit<Comparison, 'units' | 'needs'> {
  readonly name: string;
  readonly request: string;
  readonly measure: string;
  readonly blocks: boolean;
  readonly pairs: number;
  readonly needs: { readonly pairs: number } | null;
}

/** Of wrongly saying `regressed` of anything that a gate compares, and of wrongly saying `improved`, when nothing has changed. */
export const FAMILY_ALPHA = 0.02;
export const MEASURES: readonly Measure[] = [
  { percentile: 50 },
  { percentile: 95 },
  { percentile: 99 },
  'errors',
  'throughput',
];

export interface Compared {
  readonly results: readonly ComparisonResult[];
  /** Why it proves less than it should, one sentence each. */
  readonly problems: readonly string[];
}

/** A decision before all starts were measured, or one of several. */
interface Look {
  /** Of the family; left out: all of it. */
  readonly alpha?: number;
  /** How many were planned up to now; left out: all. */
  readonly pairs?: number;
}

/**
 * Compares both sides by the slots of all starts. A pure function: what was recorded has the same answer each time.
 * @param starts one for each start of both sides
 * @param between what was measured of the difference between starts of the baseline; null: nothing
 */
export function compareSlots(
  comparison: SuiteComparison,
  starts: readonly Slots[],
  between: Between | null = null,
  { alpha = FAMILY_ALPHA, pairs: planned = comparison.slots.pairs }: Look = {},
): Compared {
  const { name, blocks, smallest, slots } = comparison;
  const sent = [...new Set(starts.flatMap((one) => [...one.keys()]))].sort();
  const seen = sent.filter((request) => starts.some((one) => (one.get(request)?.size ?? 0) > 0));
  const requests = comparison.requests ?? sent;
  const problems = requests
    .filter((request) => !seen.includes(request))
    .map(
      (request) =>
        `comparison ${name}: ${sent.includes(request) ? outsideText(request) : unseenText(request, seen)}`,
    );
  if (requests.length === 0) problems.push(`comparison ${name}: no request was seen`);
  const seenPairs = new Map<string, readonly Pair[]>();
  const keptS = ((1 - DROPPED_SHARE) * slots.length) / 1000;
  const questions: (Question & { request: string })[] = [];
  for (const request of requests.filter((one) => seen.includes(one))) {
    const pairs = pairsOf(starts.map((one) => one.get(request) ?? new Map()));
    if (pairs.length * 10 < planned * 7)
      problems.push(
        `comparison ${name}: ${request} was seen on both sides in ${pairs.length} of ${planned} pairs`,
      );
    if (pairs.length === 0) continue;
    seenPairs.set(request, pairs);
    for (const measure of MEASURES) {
      const kept = typeof measure === 'string' ? pairs : pairs.filter(hasAnswers);
      if (kept.length === 0) continue;
      const values = (slot: Taken): Sample => {
        if (measure === 'errors') return slot.failed;
        return measure === 'throughput' ? [slot.durations.length / keptS] : slot.durations;
      };
      questions.push({
        request,
        unit: 'slot',
        sides: {
          baseline: kept.map((pair) => values(pair.baseline)),
          candidate: kept.map((pair) => values(pair.candidate)),
        },
        criteria: {
          measure,
          alpha: alpha / 2,
          smallest: { ratio: smallest.ratio, absoluteMs: smallest.absolute },
        },
        ...(typeof measure === 'string' ? {} : { starts: kept.map(({ start }) => start) }),
        ...priorOf(between, request, measure),
      });
    }
  }
  const answers = decideAll(questions, alpha);
  const results = answers.map(({ units, needs, ...answer }, i): ComparisonResult => {
    const { request, criteria } = questions[i] as (typeof questions)[number];
    return {
      name,
      request,
      measure: measureText(criteria.measure),
      blocks,
      ...answer,
      pairs: units,
      needs: needs === null ? null : { pairs: needs },
    };
  });
  const failing = results.filter(({ measure, answer }) => measure === 'errors' && answer === 'regressed');
  for (const [request, pairs] of seenPairs) {
    if (failing.some((one) => one.request === request)) continue;
    const doubt = doubtByFailures(pairs, (DOUBT_SHARE * alpha) / seenPairs.size);
    if (doubt !== null)
      problems.push(
        `comparison ${name}: ${request}: ${doubt}: its durations are only those of what went well`,
      );
  }
  return { results, problems };
}

/** So much of the alpha may end as INVALID because of failures when nothing has changed: 1 gate in 1000. */
const DOUBT_SHARE = 0.05;

/** What is not there is mostly called otherwise. */
export function unseenText(request: string, seen: readonly string[]): string {
  const others =
    seen.length === 0
      ? ''
      : `; seen: ${seen.slice(0, MOST_NAMED).join(', ')}${seen.length > MOST_NAMED ? ', …' : ''}`;
  return `no request ${request} was seen${others}`;
}

/** It is late in its iteration, or its rate is so low that each is at the start of a slot. */
export function outsideText(request: string): string {
  return `${request} always begins in the warm-up, after its slot has ended, or in the first quarter of it, none of which is looked at: raise \`slots.length\`, or leave it out of \`requests:\``;
}

const MOST_NAMED = 5;

function priorOf(between: Between | null, request: string, measure: Measure): Pick<Question, 'prior'> {
  const sd = between?.sd[request]?.[measureText(measure)];
  return between === null || sd === undefined ? {} : { prior: { sd, weight: between.starts - 1 } };
}
