import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decide } from '../orchestrator/gate/decision/decide.ts';
import { measured } from '../orchestrator/gate/decision/measure.ts';
import { binomialAtLeast } from '../orchestrator/statistics/binomial.ts';
import { permuteGroups } from '../orchestrator/statistics/permutation.ts';
import { seededRandom } from '../orchestrator/statistics/random.ts';
import { pooledT } from '../orchestrator/statistics/student-t.ts';
import { type Harm, noises, session } from './gate-noise.ts';
import { mannWhitneyRule, ratioRule, squallRule } from './gate-rules.ts';
import { type BenchRow, writeSection } from './section.ts';

// `npm run bench:gate`: how often the gate's decision is wrong, and how often it finds what is there. Seeded: the same counts each time.
// SQUALL_SESSIONS=<number> for each noise (100); SQUALL_STARTS=<folder> of JSON files, each a list of starts of one benchmark, each a list of
// times in seconds, such as data/timeseries/all of https://github.com/SEALABQualityGroup/steady-state.
const SEED = 1;
const sessions = Number(process.env.SQUALL_SESSIONS ?? 100);
simulated();
if (process.env.SQUALL_STARTS !== undefined) published(process.env.SQUALL_STARTS);

function simulated(): void {
  const rows: BenchRow[] = [];
  for (const noise of noises) {
    const count = (harm: Harm, holds: (seed: number, harm: Harm) => boolean) =>
      Array.from({ length: sessions }, (_, i) => holds(SEED + i, harm)).filter(Boolean).length;
    const answers = new Map<string, ReturnType<typeof squallRule>>();
    const squall = (harm: Harm, which: (a: ReturnType<typeof squallRule>) => boolean) =>
      count(harm, (seed) => {
        const key = `${seed} ${JSON.stringify(harm)}`;
        const known = answers.get(key) ?? squallRule(session(noise, harm, seed));
        answers.set(key, known);
        return which(known);
      });
    const any = (wanted: string) => (all: ReturnType<typeof squallRule>) =>
      all.some(({ answer }) => answer === wanted);
    const nth = (index: number) => (all: ReturnType<typeof squallRule>) => all[index]?.answer === 'regressed';
    const runs = (rule: typeof ratioRule, harm: Harm, side: 'side by side' | 'one after the other') =>
      count(harm, (seed) => rule(session(noise, harm, seed, side)));
    const share = (number: number) => `${((100 * number) / sessions).toFixed(0)} %`;
    const [regressed, improved] = [squall({}, any('regressed')), squall({}, any('improved'))];
    const same = squall({}, (all) => all[1]?.answer === 'same');
    const ten = { factor: 1.1 };
    rows.push({
      what: `${noise}: nothing changed, any of p50, p95, p99, errors regressed / improved (p95 same)`,
      target: 'at most 2 % of each (binomial test at 1 %)',
      measured: `${share(regressed)} / ${share(improved)} (${share(same)})`,
      met: [regressed, improved].every((count) => binomialAtLeast(count, sessions, 0.02) >= 0.01),
    });
    const usual = (harm: Harm) =>
      [ratioRule, mannWhitneyRule]
        .flatMap((rule) => [
          share(runs(rule, harm, 'side by side')),
          share(runs(rule, harm, 'one after the other')),
        ])
        .join(', ');
    rows.push({
      what: `${noise}: nothing changed, p95 > 1.05× of the same data, of two runs; Mann-Whitney of the same data, of two runs`,
      target: '',
      measured: usual({}),
      met: null,
    });
    rows.push({
      what: `${noise}: +10 %: p50, p95, any regressed`,
      target: '',
      measured: [nth(0), nth(1), any('regressed')].map((which) => share(squall(ten, which))).join(', '),
      met: null,
    });
    rows.push({
      what: `${noise}: +10 %, the usual rules as above`,
      target: '',
      measured: usual(ten),
      met: null,
    });
    rows.push({
      what: `${noise}: +5 %, any; +20 ms on 1 %, p99; one failure in 500, in 2000, errors`,
      target: '',
      measured: [
        share(squall({ factor: 1.05 }, any('regressed'))),
        share(squall({ slowPercentMs: 20 }, nth(2))),
        share(squall({ failsOneIn: 500 }, nth(3))),
        share(squall({ failsOneIn: 2000 }, nth(3))),
      ].join(', '),
      met: null,
    });
    console.log(noise);
  }
  writeSection(
    'The gate on simulated noise',
    `${sessions} sessions for each noise, seeds from ${SEED}: 25 pairs of 2 s, 300 requests a second. \`npm run bench:gate\``,
    rows,
  );
}

/** Starts of real benchmarks: five random ones against the other five, which are the same code. */
function published(folder: string): void {
  const shifts = [0, 0.05, 0.1, 0.2];
  const random = seededRandom(SEED);
  const hits = { squall: [0, 0, 0, 0], t: [0, 0, 0, 0], permutation: [0, 0, 0, 0], ratio: [0, 0, 0, 0] };
  let [decisions, improved] = [0, 0];
  for (const file of readdirSync(folder).sort()) {
    const starts = (JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as number[][]).map((start) =>
      start.slice(-1500).map((seconds) => seconds * 1000),
    );
    for (let split = 0; split < 4; split++) {
      const order = starts.map((_, i) => i);
      for (let i = order.length - 1; i > 0; i--) {
        const j = Math.floor(random() * (i + 1));
        [order[i], order[j]] = [order[j] as number, order[i] as number];
      }
      const half = order.map((i) => starts[i] as number[]);
      const baseline = half.slice(0, 5);
      decisions += 1;
      for (const [s, shift] of shifts.entries()) {
        const candidate = half.slice(5, 10).map((start) => start.map((ms) => ms * (1 + shift)));
        const criteria = {
          measure: { percentile: 95 },
          alpha: 0.01,
          smallest: { ratio: 0.05, absoluteMs: 0 },
        };
        const { answer } = decide('start', { baseline, candidate }, criteria);
        const [a, b] = [baseline, candidate].map((side) =>
          side.map((start) => Math.log(measured(start, criteria.measure))),
        ) as [number[], number[]];
        const large = (b.reduce((x, y) => x + y) - a.reduce((x, y) => x + y)) / 5 >= Math.log(1.05);
        const p95 = (side: number[][]) => measured(side.flat(), criteria.measure);
        const found = {
          squall: answer === 'regressed',
          t: large && pooledT(a, b).greater <= 0.01,
          permutation: large && permuteGroups(a, b).greater <= 0.01,
          ratio: p95(candidate) > 1.05 * p95(baseline),
        };
        for (const rule of ['squall', 't', 'permutation', 'ratio'] as const)
          hits[rule][s] = (hits[rule][s] as number) + Number(found[rule]);
        if (s === 0) improved += Number(answer === 'improved');
      }
    }
  }
  const share = (number: number) => `${((100 * number) / decisions).toFixed(2)} %`;
  const row = (what: string, rule: keyof typeof hits): BenchRow => ({
    what: `${what}: p95 regressed at +0 / +5 / +10 / +20 %`,
    target: rule === 'squall' ? 'at most 1 % at +0, at least 60 % at +10 %' : '',
    measured: hits[rule].map(share).join(' / '),
    met:
      rule === 'squall'
        ? (hits[rule][0] as number) <= decisions / 100 && (hits[rule][2] as number) >= decisions * 0.6
        : null,
  });
  writeSection(
    'The gate on published starts',
    `${decisions} decisions, seed ${SEED}: the last 1,500 iterations of five random starts against five others of the same benchmark (586 JMH benchmarks, 10 starts each, by Traini and others). Improved at +0 %: ${share(improved)}. \`SQUALL_STARTS=<folder> npm run bench:gate\``,
    [
      row('squall gate decide, 5 + 5 starts', 'squall'),
      row('the same with a plain t-test', 't'),
      row('the same with a permutation of the starts', 'permutation'),
      row('p95 of all iterations more than 5 % higher', 'ratio'),
    ],
  );
}
