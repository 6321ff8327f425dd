import { mean, variance } from '../orchestrator/statistics/student-t.ts';
import { type HarmName, type KeptDecision, MEASURES, type Measure } from './gate-testbed-kept.ts';
import type { BenchRow } from './section.ts';

/** Of how many decisions the bounds have to hold. */
const ENOUGH = { same: 200, power: 100 };
const MOST_WRONG = 0.02;
const LEAST_FOUND = 0.95;

type Result = NonNullable<KeptDecision['result']>;
type ByHarm = Result['answers'];

/** The section of BENCHMARKS.md. @param kept at least one that was measured as planned */
export function onTestbed(kept: readonly KeptDecision[]): { note: string; rows: BenchRow[] } {
  const whole = kept.flatMap(({ result }) => (result === null ? [] : [result]));
  const of = whole.length;
  const plain = whole.map((one) => one.answers);
  const [regressed, improved] = [
    countOf(plain, 'nothing', 'regressed'),
    countOf(plain, 'nothing', 'improved'),
  ];
  const power = (what: string, harm: HarmName, measure: Measure, bound: boolean): BenchRow => {
    const found = countOf(plain, harm, 'regressed', measure);
    return {
      what: `${what}: ${measure}, anything regressed`,
      target: bound ? `${measure} in at least ${100 * LEAST_FOUND} %` : '',
      measured: `${share(found, of)}, ${share(countOf(plain, harm, 'regressed'), of)}`,
      met: bound && of >= ENOUGH.power ? found >= LEAST_FOUND * of : null,
    };
  };
  const usual = (harm: keyof Result['usual']) =>
    [0, 1].map((rule) => share(whole.filter((one) => one.usual[harm][rule]).length, of)).join(', ');
  const rows: BenchRow[] = [
    {
      what: 'nothing changed: anything regressed / improved',
      target: `at most ${100 * MOST_WRONG} % of each, of ${ENOUGH.same}`,
      measured: `${share(regressed, of)} / ${share(improved, of)}`,
      met: of >= ENOUGH.same ? Math.max(regressed, improved) <= MOST_WRONG * of : null,
    },
    told(
      `nothing changed: cannot tell ${MEASURES.join(', ')}`,
      MEASURES.map((measure) => share(countOf(plain, 'nothing', 'cannot tell', measure), of)).join(', '),
    ),
    told('nothing changed: p95 > 1.05×, Mann-Whitney, of the same data', usual('nothing')),
    power('+10 % on all durations', 'all 10 % slower', 'p95', true),
    told('+10 %: p95 > 1.05×, Mann-Whitney, of the same data', usual('all 10 % slower')),
    power('+20 ms on 1 % of the requests', '1 % of them 20 ms slower', 'p99', true),
    power('one request in 500 fails', 'one in 500 fails', 'errors', true),
    power('+5 % on all durations', 'all 5 % slower', 'p95', false),
    power('one request in 2,000 fails', 'one in 2,000 fails', 'errors', false),
    ...calibratedRows(whole),
    told(
      'p50, p95 of the baseline',
      both((which) => `${middle(whole, which).toFixed(2)} ms`),
    ),
    told(
      'standard deviation between two starts of the same code: p50, p95',
      // Within decisions: what the hours do is not in it.
      both(
        (which) => `${(100 * Math.sqrt(mean(whole.map((one) => one.betweenStarts[which])))).toFixed(1)} %`,
      ),
    ),
  ];
  const days = [...new Set(kept.map(({ at }) => at.slice(0, 10)))].sort();
  const most = Math.max(...kept.map(({ atOnce }) => atOnce));
  const note = [
    `${of} decisions on ${days.join(', ')} (${kept.length - of} more were not measured as planned; in ${whole.filter(({ doubt }) => doubt !== null).length} the machine stood still too often to tell): two gateways of a testbed, the same code, four starts of both, 28 pairs of 2 s, 300 requests a second after 10 s of warm-up, each answer 40 ms late, smallest difference 5 % and 0 ms (2 ms, the default, are less than 5 % of 41), a look after each start.`,
    most === 1 ? '' : `Up to ${most} comparisons ran on the machine at a time, each on a testbed of its own.`,
    dependence(whole),
    'Harm is added to the recorded requests of the candidate. What was answered to each is in bench/gate-testbed.jsonl. `npm run bench:gate -- testbed DIRECTORY`',
  ];
  return { note: note.filter((part) => part !== '').join(' '), rows };
}

function countOf(all: readonly ByHarm[], harm: HarmName, wanted: string, measure?: Measure): number {
  return all.filter((answers) =>
    measure === undefined
      ? Object.values(answers[harm]).includes(wanted as never)
      : answers[harm][measure] === wanted,
  ).length;
}

/** As after `squall gate calibrate`: how far starts differ is taken from the first decisions of a series, and the others are judged. */
function calibratedRows(whole: readonly Result[]): BenchRow[] {
  const others = whole.flatMap(({ calibrated }) => (calibrated === null ? [] : [calibrated]));
  if (others.length === 0) return [];
  const of = (harm: HarmName, wanted: string, measure?: Measure) =>
    share(countOf(others, harm, wanted, measure), others.length);
  const both = (harm: HarmName, measure: Measure) => [of(harm, 'regressed', measure), of(harm, 'regressed')];
  return [
    told(
      `calibrated side by side by the twelve starts of the first 3 decisions of a series, the other ${others.length}: nothing changed, regressed, improved; +10 %, p95, anything; +20 ms on 1 %, p99, anything; one failure in 500, errors; +5 %, p95, anything`,
      [
        of('nothing', 'regressed'),
        of('nothing', 'improved'),
        ...both('all 10 % slower', 'p95'),
        ...both('1 % of them 20 ms slower', 'p99'),
        of('one in 500 fails', 'regressed', 'errors'),
        ...both('all 5 % slower', 'p95'),
      ].join(', '),
    ),
  ];
}

/** No two decisions have a start in common, and no two of a series a second. What is left in common is the mood of the machine. */
function dependence(whole: readonly Result[]): string {
  const of = whole.length;
  const shared = 'No two of them share a start.';
  if (of < 20) return shared;
  const lags = (['p50', 'p95'] as const).map((which) => {
    const logs = whole.map(({ ratio }) => Math.log(ratio[which]));
    const middleOf = mean(logs);
    const steps = logs.slice(1).map((log, i) => (log - middleOf) * ((logs[i] as number) - middleOf));
    return mean(steps) / variance(logs);
  });
  const most = Math.max(0, ...lags);
  const count = Math.round((of * (1 - most)) / (1 + most));
  return `${shared} Estimates of neighbouring decisions correlate by ${lags.map((lag) => lag.toFixed(2)).join(' (p50) and ')} (p95), so they are worth at least ${count} independent ones.`;
}

function middle(whole: readonly Result[], which: 'p50' | 'p95'): number {
  return Math.exp(mean(whole.map(({ baseline }) => Math.log(baseline[which]))));
}

function both(text: (which: 'p50' | 'p95') => string): string {
  return [text('p50'), text('p95')].join(', ');
}

function told(what: string, measured: string): BenchRow {
  return { what, target: '', measured, met: null };
}

function share(count: number, of: number): string {
  return `${((100 * count) / of).toFixed(1)} %`;
}
