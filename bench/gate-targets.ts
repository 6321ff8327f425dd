import { type Between, calibrate } from '../orchestrator/gate/calibration/calibration.ts';
import type { Answer } from '../orchestrator/gate/decision/comparison.ts';
import type { Compared } from '../orchestrator/gate/side-by-side/compare-slots.ts';
import type { Slots } from '../orchestrator/gate/side-by-side/read-slots.ts';
import { binomialAtLeast } from '../orchestrator/statistics/binomial.ts';
import { asSession, baselineAlone, withHarm } from './gate-decisions.ts';
import type { Harm } from './gate-noise.ts';
import { squallRule } from './gate-rules.ts';
import {
  comparison,
  decideByLooks,
  type Measured,
  measureStarts,
  type TargetKind,
  targetKinds,
} from './gate-starts.ts';
import { type BenchRow, writeSection } from './section.ts';

const SEED = 1;
/** Of targets of which one side alone is so. */
const NEW: readonly TargetKind[] = ['leaky', 'slow-starting'];
/** Each request takes 20 ms. As if it were 1 ms, as long as the health of a gateway takes: 20 ms more are then 400. */
const SLOWER_MS = 400;

/** Targets that differ from start to start, or change while they run: both sides alike, the candidate slower, the candidate alone like that. */
export function targets(sessions: number): void {
  const rows = (Object.keys(targetKinds) as TargetKind[]).flatMap((kind) => {
    console.log(kind);
    return onTarget(kind, sessions);
  });
  writeSection(
    'The gate on targets that change',
    `${sessions} sessions of each kind, seeds from ${SEED}: four starts of each side with seven pairs of 2 s each, 300 requests a second, p50, p95, p99, errors and throughput as one family, a look after each start. \`npm run bench:gate -- targets\``,
    rows,
  );
}

function onTarget(kind: TargetKind, sessions: number): BenchRow[] {
  const both = { baseline: kind, candidate: kind };
  const same = sessionsOf(both, sessions);
  const plain = same.map((starts) => answersOf(decideByLooks(comparison, starts)));
  const between = calibrated(kind);
  const known = same.map((starts) => answersOf(decideByLooks(comparison, starts, between)));
  // Known to be wrong where starts differ.
  const slots = same.map((starts) => squallRule(asSession(starts, 'GET /')).map(({ answer }) => answer));
  const count = (some: readonly Answer[][], wanted: Answer) =>
    some.filter((answers) => answers.includes(wanted)).length;
  const share = (number: number) => `${((100 * number) / sessions).toFixed(0)} %`;
  const shares = (some: readonly Answer[][]) =>
    `${share(count(some, 'regressed'))} / ${share(count(some, 'improved'))}`;
  const found = (measured: Omit<Measured, 'seed'>) =>
    share(
      count(
        sessionsOf(measured, sessions).map((starts) => answersOf(decideByLooks(comparison, starts))),
        'regressed',
      ),
    );
  const fewEnough = (some: readonly Answer[][]): Pick<BenchRow, 'target' | 'met'> => ({
    target: 'at most 2 % of each (binomial test at 1 %)',
    met: (['regressed', 'improved'] as const).every(
      (wanted) => binomialAtLeast(count(some, wanted), sessions, 0.02) >= 0.01,
    ),
  });
  const untold = { target: '', met: null };
  const power = (known: Between | null) =>
    HARMS.map(([, measure, harm]) => {
      const found = same.filter((starts, i) =>
        decideByLooks(comparison, withHarm(starts, harm, SEED + i), known).results.some(
          (one) => one.measure === measure && one.answer === 'regressed',
        ),
      );
      return share(found.length);
    }).join(', ');
  const harms = HARMS.map(([what, measure]) => `${what}: ${measure}`).join('; ');
  return [
    { what: `${kind}: both sides alike, regressed / improved`, measured: shares(plain), ...fewEnough(plain) },
    {
      what: `${kind}: the same after \`squall gate calibrate\``,
      measured: shares(known),
      ...fewEnough(known),
    },
    {
      what: `${kind}: the same by slots alone, as if starts did not differ`,
      measured: shares(slots),
      ...untold,
    },
    {
      what: `${kind}: +10 %, +20 %, +50 %: regressed`,
      measured: [1.1, 1.2, 1.5].map((factor) => found({ ...both, factor })).join(', '),
      ...untold,
    },
    ...(kind === 'starts that differ by 2 %'
      ? [
          { what: `${kind}: ${harms}`, measured: power(null), ...untold },
          {
            what: `${kind}: the same after \`squall gate calibrate\``,
            measured: power(between),
            ...untold,
          },
        ]
      : []),
    ...(NEW.includes(kind)
      ? [
          {
            what: `${kind}: only the candidate is so: regressed`,
            measured: found({ baseline: 'steady', candidate: kind }),
            ...untold,
          },
        ]
      : []),
  ];
}

const HARMS: readonly [what: string, measure: string, harm: Harm][] = [
  ['+10 %', 'p95', { factor: 1.1 }],
  ['+20 ms on 1 % of requests of 1 ms', 'p99', { slowPercentMs: SLOWER_MS }],
  ['one failure in 500', 'errors', { failsOneIn: 500 }],
  ['+5 %', 'p95', { factor: 1.05 }],
  ['one failure in 2,000', 'errors', { failsOneIn: 2000 }],
];

function answersOf({ results }: Compared): Answer[] {
  return results.map(({ answer }) => answer);
}

function sessionsOf(measured: Omit<Measured, 'seed'>, sessions: number): Slots[][] {
  return Array.from({ length: sessions }, (_, i) => measureStarts({ ...measured, seed: SEED + 10 * i }));
}

/** As `squall gate calibrate` with twelve starts of the baseline, each alone. */
function calibrated(kind: TargetKind): Between {
  const starts = [1, 2, 3].flatMap((seed) => measureStarts({ baseline: kind, candidate: kind, seed: -seed }));
  return calibrate(comparison, starts.map(baselineAlone));
}
