import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { calibrateSideBySide } from '../orchestrator/gate/calibration/calibrate-side-by-side.ts';
import type { Between } from '../orchestrator/gate/calibration/calibration.ts';
import { logarithms, measured } from '../orchestrator/gate/decision/measure.ts';
import { withDoubt } from '../orchestrator/gate/machine-doubt.ts';
import type { Slots } from '../orchestrator/gate/side-by-side/read-slots.ts';
import { mean, variance } from '../orchestrator/statistics/student-t.ts';
import { asSession, type BrokenDecision, type WholeDecision, withHarm } from './gate-decisions.ts';
import type { Harm } from './gate-noise.ts';
import { mannWhitneyRule, ratioRule } from './gate-rules.ts';
import { comparison, decideByLooks } from './gate-starts.ts';

/** One line for each decision that was ever measured: the requests themselves would be 30 MB. Lines are added, and never taken out. */
export const KEPT_FILE = 'bench/gate-testbed.jsonl';

export const MEASURES = ['p50', 'p95', 'p99', 'errors', 'throughput'] as const;
export type Measure = (typeof MEASURES)[number];

/** What is done to the recorded requests of the candidate. */
export const HARMS = {
  nothing: {},
  'all 10 % slower': { factor: 1.1 },
  'all 5 % slower': { factor: 1.05 },
  '1 % of them 20 ms slower': { slowPercentMs: 20 },
  'one in 500 fails': { failsOneIn: 500 },
  'one in 2,000 fails': { failsOneIn: 2000 },
} as const satisfies Record<string, Harm>;
export type HarmName = keyof typeof HARMS;
const HARM_NAMES = Object.keys(HARMS) as HarmName[];

const answers = z.record(z.enum(MEASURES), z.enum(['regressed', 'improved', 'same', 'cannot tell']));
const byHarm = z.record(z.enum(HARM_NAMES), answers);
/** Of the ratio of p95 and of Mann and Whitney's test. */
const usualRules = z.tuple([z.boolean(), z.boolean()]);
const ofBoth = z.object({ p50: z.number(), p95: z.number() });

const keptDecision = z.object({
  /** When it was written: no two have the same. */
  at: z.iso.datetime(),
  seed: z.int(),
  /** So many comparisons ran on the machine at a time. */
  atOnce: z.int().min(1),
  /** Null: it was finished, but not measured as planned. */
  result: z
    .object({
      /** Why the machine was not able to measure it; null: it was. */
      doubt: z.string().nullable(),
      answers: byHarm,
      /** The same after a calibration with the first decisions of its series; null: it was one of these, or there was none. */
      calibrated: byHarm.nullable(),
      usual: z.object({ nothing: usualRules, 'all 10 % slower': usualRules }),
      /** Candidate over baseline, as estimated. */
      ratio: ofBoth,
      /** Of the baseline, ms: the geometric mean over its starts, and the variance of the logarithms between them. */
      baseline: ofBoth,
      betweenStarts: ofBoth,
    })
    .nullable(),
});
export type KeptDecision = Readonly<z.infer<typeof keptDecision>>;
type Answers = z.infer<typeof answers>;

/** So many decisions have twelve starts of the baseline. */
export const CALIBRATION = 3;
export const REQUEST = 'GET /health';

export function readKept(file = KEPT_FILE): readonly KeptDecision[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => keptDecision.parse(JSON.parse(line)));
}

/** @param series the decisions of one directory, in order; those that are kept already are passed over */
export function keep(
  series: readonly (WholeDecision | BrokenDecision)[],
  atOnce: number,
  file = KEPT_FILE,
): void {
  const known = new Set(readKept(file).map(({ at }) => at));
  const whole = series.filter((one) => one.starts !== null);
  const first = whole.slice(0, CALIBRATION);
  const between =
    whole.length > CALIBRATION
      ? calibrateSideBySide(
          comparison,
          first.flatMap(({ starts }) => starts),
        )
      : null;
  for (const one of series) {
    const at = new Date(one.at).toISOString();
    if (known.has(at)) continue;
    const own = one.starts === null || first.includes(one) ? null : between;
    const result = one.starts === null ? null : resultOf(one, own);
    const line: KeptDecision = { at, seed: one.seed, atOnce, result };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  }
}

function resultOf(decision: WholeDecision, between: Between | null): NonNullable<KeptDecision['result']> {
  const { starts, seed, doubt } = decision;
  const ask = (harm: Harm, calibration: Between | null) => {
    const { results } = decideByLooks(comparison, withHarm(starts, harm, seed), calibration);
    return doubt === null ? results : withDoubt(results, doubt);
  };
  const all = (calibration: Between | null) =>
    Object.fromEntries(
      HARM_NAMES.map((name) => [
        name,
        Object.fromEntries(ask(HARMS[name], calibration).map((one) => [one.measure, one.answer])),
      ]),
    ) as Record<HarmName, Answers>;
  const same = ask({}, null);
  const ratioOf = (measure: Measure) => same.find((one) => one.measure === measure)?.ratio ?? 1;
  const usual = (harm: Harm): [boolean, boolean] => {
    const session = asSession(withHarm(starts, harm, seed), REQUEST);
    return [ratioRule(session), mannWhitneyRule(session)];
  };
  const logs = (percentile: number) => logarithms(starts.map((slots) => percentileOf(slots, percentile)));
  const both = (of: (percentile: number) => number) => ({ p50: of(50), p95: of(95) });
  return {
    doubt,
    answers: all(null),
    calibrated: between === null ? null : all(between),
    usual: { nothing: usual({}), 'all 10 % slower': usual({ factor: 1.1 }) },
    ratio: { p50: ratioOf('p50'), p95: ratioOf('p95') },
    baseline: both((percentile) => Math.exp(mean(logs(percentile)))),
    betweenStarts: both((percentile) => variance(logs(percentile))),
  };
}

function percentileOf(slots: Slots, percentile: number): number {
  const { baseline } = asSession([slots], REQUEST);
  return measured(baseline.flat(), { percentile });
}
