import { type Between, calibrate } from '../orchestrator/gate/calibration/calibration.ts';
import type { Answer } from '../orchestrator/gate/decision/comparison.ts';
import { logarithms, measured } from '../orchestrator/gate/decision/measure.ts';
import { withDoubt } from '../orchestrator/gate/machine-doubt.ts';
import type { ComparisonResult } from '../orchestrator/gate/side-by-side/compare-slots.ts';
import type { Slots } from '../orchestrator/gate/side-by-side/read-slots.ts';
import { mean, variance } from '../orchestrator/statistics/student-t.ts';
import { asSession, baselineAlone, type WholeDecision, withHarm } from './gate-decisions.ts';
import type { Harm } from './gate-noise.ts';
import { mannWhitneyRule, ratioRule } from './gate-rules.ts';
import { comparison, decideByLooks, STARTS } from './gate-starts.ts';
import type { BenchRow } from './section.ts';

const REQUEST = 'GET /health';
const MEASURES = ['p50', 'p95', 'p99', 'errors', 'throughput'] as const;
type Measure = (typeof MEASURES)[number];
/** Of how many decisions the issue wants its bounds to hold. */
const ENOUGH = { same: 200, power: 100 };

/** The section of BENCHMARKS.md. */
export function onTestbed(
  whole: readonly WholeDecision[],
  broken: number,
): { note: string; rows: BenchRow[] } {
  const of = whole.length;
  const share = (count: number) => `${((100 * count) / of).toFixed(1)} %`;
  const answers = (harm: Harm, some = whole, between: Between | null = null) =>
    some.map(({ starts, seed, doubt }) => {
      const { results } = decideByLooks(comparison, withHarm(starts, harm, seed), between);
      return doubt === null ? results : withDoubt(results, doubt);
    });
  const same = answers({});
  const count = (some: readonly (readonly ComparisonResult[])[], wanted: Answer, measure?: Measure) =>
    some.filter((results) =>
      results.some((one) => one.answer === wanted && (measure ?? one.measure) === one.measure),
    ).length;
  const [regressed, improved] = [count(same, 'regressed'), count(same, 'improved')];
  const power = (what: string, harm: Harm, measure: Measure, bound: boolean): BenchRow => {
    const found = answers(harm);
    const told = count(found, 'regressed', measure);
    return {
      what: `${what}: ${measure}, anything regressed`,
      target: bound ? `${measure} in at least 95 %` : '',
      measured: `${share(told)}, ${share(count(found, 'regressed'))}`,
      met: bound && of >= ENOUGH.power ? told >= 0.95 * of : null,
    };
  };
  const usual = (harm: Harm) =>
    [ratioRule, mannWhitneyRule]
      .map((rule) =>
        share(
          whole.filter(({ starts, seed }) => rule(asSession(withHarm(starts, harm, seed), REQUEST))).length,
        ),
      )
      .join(', ');
  const told = (text: string, measured: string): BenchRow => ({
    what: text,
    target: '',
    measured,
    met: null,
  });
  const rows: BenchRow[] = [
    {
      what: 'nothing changed: anything regressed / improved',
      target: 'at most 2 % of each, of 200',
      measured: `${share(regressed)} / ${share(improved)}`,
      met: of >= ENOUGH.same ? Math.max(regressed, improved) <= 0.02 * of : null,
    },
    told(
      `nothing changed: cannot tell ${MEASURES.join(', ')}`,
      MEASURES.map((measure) => share(count(same, 'cannot tell', measure))).join(', '),
    ),
    told('nothing changed: p95 > 1.05×, Mann-Whitney, of the same data', usual({})),
    power('+10 % on all durations', { factor: 1.1 }, 'p95', true),
    told('+10 %: p95 > 1.05×, Mann-Whitney, of the same data', usual({ factor: 1.1 })),
    power('+20 ms on 1 % of the requests', { slowPercentMs: 20 }, 'p99', true),
    power('one request in 500 fails', { failsOneIn: 500 }, 'errors', true),
    power('+5 % on all durations', { factor: 1.05 }, 'p95', false),
    power('one request in 2,000 fails', { failsOneIn: 2000 }, 'errors', false),
    ...calibratedRows(whole, answers),
    told('p50, p95 of the baseline', middles(whole)),
    told('standard deviation between two starts of the same code: p50, p95', deviations(whole)),
  ];
  const days = [whole[0], whole.at(-1)].map((one) => new Date(one?.at ?? 0).toISOString().slice(0, 10));
  const note = `${of} decisions from ${days.join(' to ')} (${broken} more were not measured as planned; in ${whole.filter(({ doubt }) => doubt !== null).length} the machine stood still too often to tell): two gateways of a testbed, the same code, four starts of both, 28 pairs of 2 s, 300 requests a second, smallest difference 5 % and 0 ms, a look after each start. ${dependence(same)} Harm is added to the recorded requests of the candidate. \`npm run bench:gate -- testbed DIRECTORY\``;
  return { note, rows };
}

/** So many decisions have twelve starts of the baseline. */
const CALIBRATION = 3;

/** As after `squall gate calibrate`: how far starts differ is taken from the first decisions, and the others are judged. */
function calibratedRows(
  whole: readonly WholeDecision[],
  answers: (harm: Harm, some: readonly WholeDecision[], between: Between) => (readonly ComparisonResult[])[],
): BenchRow[] {
  const [first, others] = [whole.slice(0, CALIBRATION), whole.slice(CALIBRATION)];
  if (others.length === 0) return [];
  const between = calibrate(
    comparison,
    first.flatMap(({ starts }) => starts.map(baselineAlone)),
  );
  const share = (harm: Harm, wanted: Answer, measure?: Measure) => {
    const found = answers(harm, others, between).filter((results) =>
      results.some((one) => one.answer === wanted && (measure ?? one.measure) === one.measure),
    );
    return `${((100 * found.length) / others.length).toFixed(1)} %`;
  };
  const measured = [
    share({}, 'regressed'),
    share({}, 'improved'),
    share({ factor: 1.1 }, 'regressed', 'p95'),
    share({ slowPercentMs: 20 }, 'regressed', 'p99'),
    share({ failsOneIn: 500 }, 'regressed', 'errors'),
    share({ factor: 1.05 }, 'regressed', 'p95'),
  ];
  return [
    {
      what: `calibrated by the ${CALIBRATION * STARTS} starts of the first ${CALIBRATION} decisions, the other ${others.length}: nothing changed, regressed, improved; +10 %, p95; +20 ms on 1 %, p99; one failure in 500, errors; +5 %, p95`,
      target: '',
      measured: measured.join(', '),
      met: null,
    },
  ];
}

/** No two decisions have a start or a second in common. What is left in common is the mood of the machine. */
function dependence(same: readonly (readonly ComparisonResult[])[]): string {
  const of = same.length;
  const shared = 'No two of them share a start or a second.';
  if (of < 20) return shared;
  const lags = (['p50', 'p95'] as const).map((measure) => {
    const logs = same.map((results) => Math.log(results.find((one) => one.measure === measure)?.ratio ?? 1));
    const middle = mean(logs);
    const steps = logs.slice(1).map((log, i) => (log - middle) * ((logs[i] as number) - middle));
    return mean(steps) / variance(logs);
  });
  const most = Math.max(0, ...lags);
  const count = Math.round((of * (1 - most)) / (1 + most));
  return `${shared} Estimates of neighbouring decisions correlate by ${lags.map((lag) => lag.toFixed(2)).join(' (p50) and ')} (p95), so they are worth at least ${count} independent ones.`;
}

function valuesOf(slots: Slots, percentile: number): number {
  const { baseline } = asSession([slots], REQUEST);
  return measured(baseline.flat(), { percentile });
}

function middles(whole: readonly WholeDecision[]): string {
  return [50, 95]
    .map((percentile) => {
      const values = whole.flatMap(({ starts }) => starts.map((slots) => valuesOf(slots, percentile)));
      return `${Math.exp(mean(logarithms(values))).toFixed(2)} ms`;
    })
    .join(', ');
}

/** Of the baseline, within decisions: what the hours do is not in it. */
function deviations(whole: readonly WholeDecision[]): string {
  return [50, 95]
    .map((percentile) => {
      const each = whole.map(({ starts }) =>
        variance(logarithms(starts.map((slots) => valuesOf(slots, percentile)))),
      );
      return `${(100 * Math.sqrt(mean(each))).toFixed(1)} %`;
    })
    .join(', ');
}
