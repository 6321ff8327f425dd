import type { Comparison } from '../orchestrator/gate/decision/comparison.ts';
import { binomialAtLeast } from '../orchestrator/statistics/binomial.ts';
import { type Estimates, estimatesOf, shareFound } from './gate-limits.ts';
import { type Design, type Harm, type Noise, noises, session, shiftedSessions } from './gate-noise.ts';
import { type Curves, powerPlot, sameCodePlot } from './gate-plots.ts';
import { mannWhitneyRule, ratioRule, squallRule } from './gate-rules.ts';
import { type BenchRow, writeSection } from './section.ts';

const SEED = 1;
/** On all durations of the candidate. */
const FACTORS = [1, 1.02, 1.05, 1.1, 1.2, 1.3] as const;

/** Every rule on the same seeded sessions of every noise: the table and the plots of BENCHMARKS.md. */
export function simulated(sessions: number): void {
  const rows: BenchRow[] = [];
  const curves: Curves[] = [];
  for (const noise of noises) {
    const found = onNoise(noise, sessions);
    rows.push(...found.rows);
    curves.push(found.curves);
    console.log(noise);
  }
  sameCodePlot('docs/images/gate-same-code.svg', curves);
  powerPlot('docs/images/gate-power.svg', curves);
  writeSection(
    'The gate on simulated noise',
    `${sessions} sessions for each noise, seeds from ${SEED}: 25 pairs of 2 s, 300 requests a second. \`npm run bench:gate -- simulated\` writes the table and the plots.

"If the scatter were known": how often an estimate of the p95 would find the difference if its critical value came from many sessions of the same noise. No test of this estimate can find more. The faster half of the requests says as much about the p95 only to somebody who knows that everything moves together, which is what p50 then says by itself. 20 ms on 1 % of the requests raise the p99 of these targets by 3 %, less than the 5 % from which on a difference matters here; where requests take 5 ms (coarse clock) it is a multiple.

![How often each rule says regressed when nothing has changed](docs/images/gate-same-code.svg)

![How often each rule says regressed, by what was added to all durations](docs/images/gate-power.svg)`,
    rows,
  );
}

function onNoise(noise: Noise, sessions: number): { rows: BenchRow[]; curves: Curves } {
  const answers = FACTORS.map((): Comparison[][] => []);
  const usual: Record<'ratio' | 'mannWhitney', Record<Design, number[]>> = {
    ratio: { 'side by side': FACTORS.map(() => 0), 'one after the other': FACTORS.map(() => 0) },
    mannWhitney: { 'side by side': FACTORS.map(() => 0), 'one after the other': FACTORS.map(() => 0) },
  };
  const estimates: Estimates[] = [];
  for (let i = 0; i < sessions; i++)
    for (const design of ['side by side', 'one after the other'] as const)
      for (const [f, one] of shiftedSessions(noise, FACTORS, SEED + i, design).entries()) {
        if (design === 'side by side') answers[f]?.push(squallRule(one));
        if (design === 'side by side' && f === 0) estimates.push(estimatesOf(one));
        if (ratioRule(one)) usual.ratio[design][f] = (usual.ratio[design][f] as number) + 1;
        if (mannWhitneyRule(one)) usual.mannWhitney[design][f] = (usual.mannWhitney[design][f] as number) + 1;
      }
  const nth = (index: number) => (all: readonly Comparison[]) => all[index]?.answer === 'regressed';
  const any = (wanted: string) => (all: readonly Comparison[]) => all.some(({ answer }) => answer === wanted);
  const count = (factor: number, holds: (all: readonly Comparison[]) => boolean) =>
    answers[FACTORS.indexOf(factor as (typeof FACTORS)[number])]?.filter(holds).length ?? 0;
  const harmed = (harm: Harm, index: number) =>
    Array.from({ length: sessions }, (_, i) => squallRule(session(noise, harm, SEED + i))).filter(nth(index))
      .length;
  const share = (number: number) => `${((100 * number) / sessions).toFixed(0)} %`;
  const atFactor = (factor: (typeof FACTORS)[number]) =>
    Object.values(usual)
      .flatMap((designs) => Object.values(designs))
      .map((counts) => share(counts[FACTORS.indexOf(factor)] as number))
      .join(', ');
  const [regressed, improved] = [count(1, any('regressed')), count(1, any('improved'))];
  const same = count(1, (all) => all[1]?.answer === 'same');
  const row = (what: string, measured: string): BenchRow => ({
    what: `${noise}: ${what}`,
    target: '',
    measured,
    met: null,
  });
  const rows: BenchRow[] = [
    {
      what: `${noise}: nothing changed, any of p50, p95, p99, errors regressed / improved (p95 same)`,
      target: 'at most 2 % of each (binomial test at 1 %)',
      measured: `${share(regressed)} / ${share(improved)} (${share(same)})`,
      met: [regressed, improved].every((one) => binomialAtLeast(one, sessions, 0.02) >= 0.01),
    },
    row(
      'nothing changed, p95 > 1.05× of the same data, of two runs; Mann-Whitney of the same data, of two runs',
      atFactor(1),
    ),
    row(
      '+10 %: p50, p95, any regressed',
      [nth(0), nth(1), any('regressed')].map((which) => share(count(1.1, which))).join(', '),
    ),
    row('+10 %, the usual rules as above', atFactor(1.1)),
    row(
      '+10 %, p95, if the scatter were known: of the pairs, of all requests; of the faster half of them',
      (['pairs', 'all', 'half'] as const)
        .map((which) =>
          shareFound(
            estimates.map((one) => one[which]),
            { added: Math.log(1.1), smallest: Math.log(1.05) },
          ),
        )
        .map((found) => share(found * sessions))
        .join(', '),
    ),
    row(
      '+5 %, any; +20 ms on 1 %, p99; one failure in 500, in 2000, errors',
      [
        share(count(1.05, any('regressed'))),
        share(harmed({ slowPercentMs: 20 }, 2)),
        share(harmed({ failsOneIn: 500 }, 3)),
        share(harmed({ failsOneIn: 2000 }, 3)),
      ].join(', '),
    ),
  ];
  const regressedBy = (holds: (all: readonly Comparison[]) => boolean) =>
    FACTORS.map((factor) => count(factor, holds));
  return {
    rows,
    curves: {
      noise,
      of: sessions,
      factors: FACTORS,
      regressed: {
        'squall: any of p50, p95, p99, errors': regressedBy(any('regressed')),
        'squall: p95': regressedBy(nth(1)),
        'p95 > 1.05×, same data': usual.ratio['side by side'],
        'p95 > 1.05×, two runs': usual.ratio['one after the other'],
        'Mann-Whitney, same data': usual.mannWhitney['side by side'],
        'Mann-Whitney, two runs': usual.mannWhitney['one after the other'],
      },
    },
  };
}
