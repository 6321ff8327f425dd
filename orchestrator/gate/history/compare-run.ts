import { isDeepStrictEqual } from 'node:util';
import type { SuiteComparison } from '../../../chaos/schema/suite.ts';
import { RUNS } from '../decision/by-start.ts';
import { type Measure, measureText, type Sample } from '../decision/comparison.ts';
import { decideAll, type Question } from '../decision/decide.ts';
import { valuesNeeded } from '../decision/measure.ts';
import type { Compared } from '../side-by-side/compare-slots.ts';
import { FAMILY_ALPHA, MEASURES, outsideText, unseenText } from '../side-by-side/compare-slots.ts';
import { DROPPED_SHARE } from '../side-by-side/read-slots.ts';
import type { RunRecord } from './run-record.ts';

/** So many of the newest runs are the baseline: what was long ago was another system. */
const WINDOW = 20;

/**
 * Compares a run with the runs of the past. A pure function. The unit is the run: however many requests one has, it is one measurement.
 * A baseline that has too few runs, covers less or more than the candidate, or comes from another kind of machine or load is a problem: never
 * green.
 * @param alpha what this comparison has of the family's
 */
export function compareRun(
  comparison: SuiteComparison,
  history: readonly RunRecord[],
  run: RunRecord,
  alpha = FAMILY_ALPHA,
): Compared {
  const { name, blocks, smallest, slots } = comparison;
  const own = history.filter((record) => record.comparison === name);
  const alike = own.filter(({ load }) => isDeepStrictEqual(load, run.load));
  const baseline = alike.filter(({ machine }) => isDeepStrictEqual(machine, run.machine)).slice(-WINDOW);
  const problems: string[] = [];
  if (baseline.length < RUNS.baseline) {
    const others = own.length - baseline.length;
    const why =
      others === 0
        ? ''
        : ` (${others} more are of another ${alike.length < own.length ? 'load' : 'kind of machine'})`;
    problems.push(
      `comparison ${name}: the baseline has ${baseline.length} of at least ${RUNS.baseline} runs${why}`,
    );
  }
  const seen = Object.keys(run.requests).sort();
  // What each run before asked for, and this one did not, was not checked.
  const always = Object.keys(baseline[0]?.requests ?? {}).filter((request) =>
    baseline.every((record) => record.requests[request] !== undefined),
  );
  const { outside = [] } = run;
  const requests = comparison.requests ?? [...new Set([...seen, ...always, ...outside])].sort();
  if (requests.length === 0) problems.push(`comparison ${name}: no request was seen`);
  const seconds = (slots.pairs * 2 * slots.length * (1 - DROPPED_SHARE)) / 1000;
  const questions: (Question & { request: string })[] = [];
  for (const request of requests) {
    const candidate = run.requests[request];
    const before = baseline.flatMap((record) => record.requests[request] ?? []);
    if (candidate === undefined)
      problems.push(
        `comparison ${name}: ${outside.includes(request) ? outsideText(request) : unseenText(request, seen)}`,
      );
    else if (before.length < baseline.length)
      problems.push(
        `comparison ${name}: ${request} is in ${before.length} of the ${baseline.length} runs of the baseline: it covers less than the candidate`,
      );
    if (candidate === undefined || before.length < RUNS.baseline) continue;
    // A run in which the target was away has no percentile. It would cost those of all the runs that can be compared with it.
    const answered = before.filter(({ durationsUs }) => durationsUs.length > 0);
    if (answered.length < RUNS.baseline)
      problems.push(
        `comparison ${name}: ${request} was answered in ${answered.length} of the ${before.length} runs of the baseline: it takes ${RUNS.baseline}`,
      );
    for (const measure of MEASURES) {
      const usable = measure === 'errors' ? before : answered.filter((one) => hasEnough(one, measure));
      if (usable.length === 0 || (measure !== 'errors' && candidate.durationsUs.length === 0)) continue;
      questions.push({
        request,
        unit: 'run',
        sides: {
          baseline: usable.map((one) => valuesOf(one, measure, seconds)),
          candidate: [valuesOf(candidate, measure, seconds)],
        },
        criteria: {
          measure,
          alpha: alpha / 2,
          smallest: { ratio: smallest.ratio, absoluteMs: smallest.absolute },
        },
      });
    }
  }
  const results = decideAll(questions, alpha).map(({ units: _, needs, ...answer }, i) => ({
    name,
    request: questions[i]?.request ?? '',
    measure: measureText(questions[i]?.criteria.measure as Measure),
    blocks,
    ...answer,
    pairs: questions[i]?.sides.baseline.length ?? 0,
    needs: needs === null ? null : { pairs: needs },
  }));
  return { results, problems };
}

function hasEnough({ durationsUs }: RunRecord['requests'][string], measure: Measure): boolean {
  return durationsUs.length >= valuesNeeded(measure, 1);
}

function valuesOf(
  { durationsUs, failed }: RunRecord['requests'][string],
  measure: Measure,
  seconds: number,
): Sample {
  if (measure === 'throughput') return [durationsUs.length / seconds];
  if (measure !== 'errors') return durationsUs.map((us) => us / 1000);
  return Uint8Array.from({ length: durationsUs.length + failed }, (_, i) => Number(i < failed));
}
