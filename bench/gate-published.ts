import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { noiseWithin } from '../orchestrator/gate/decision/by-start.ts';
import { decide } from '../orchestrator/gate/decision/decide.ts';
import { logarithms, measured } from '../orchestrator/gate/decision/measure.ts';
import { permuteGroups } from '../orchestrator/statistics/permutation.ts';
import { seededRandom } from '../orchestrator/statistics/random.ts';
import { mean, pooledT } from '../orchestrator/statistics/student-t.ts';
import { crossValidated, type Halving, SHIFTS, type Split, shuffled } from './gate-prior.ts';
import { type BenchRow, writeSection } from './section.ts';

const SEED = 1;
const HALVES = 20;
const criteria = { measure: { percentile: 95 }, alpha: 0.01, smallest: { ratio: 0.05, absoluteMs: 0 } };

/** Starts of real benchmarks: five random ones against the other five, which are the same code. */
export function published(folder: string): void {
  const random = seededRandom(SEED);
  const hits = { squall: [0, 0, 0, 0], t: [0, 0, 0, 0], permutation: [0, 0, 0, 0], ratio: [0, 0, 0, 0] };
  const splits: Split[] = [];
  let improved = 0;
  for (const [benchmark, file] of readdirSync(folder).sort().entries()) {
    const starts = (JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as number[][]).map((start) =>
      start.slice(-1500).map((seconds) => seconds * 1000),
    );
    const noise = starts.map((start) => noiseWithin(start, criteria.measure));
    for (let split = 0; split < 4; split++) {
      const order = shuffled(
        starts.map((_, i) => i),
        random,
      ).slice(0, 10);
      const half = order.map((i) => starts[i] as number[]);
      const baseline = half.slice(0, 5);
      const logs = logarithms(half.map((start) => measured(start, criteria.measure)));
      splits.push({
        benchmark,
        baseline: logs.slice(0, 5),
        candidate: logs.slice(5),
        noise: mean(order.map((i) => noise[i] as number)),
      });
      for (const [s, shift] of SHIFTS.entries()) {
        const candidate = half.slice(5).map((start) => start.map((ms) => ms * (1 + shift)));
        const { answer } = decide('start', { baseline, candidate }, criteria);
        const [a, b] = [logs.slice(0, 5), logs.slice(5).map((log) => log + Math.log1p(shift))];
        const large = mean(b) - mean(a) >= Math.log(1.05);
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
  const decisions = splits.length;
  const share = (number: number) => `${((100 * number) / decisions).toFixed(2)} %`;
  const row = (what: string, rule: keyof typeof hits): BenchRow => ({
    what: `${what}: p95 regressed at +0 / +5 / +10 / +20 %`,
    ...boundsOf(rule === 'squall' ? hits[rule].map((count) => count / decisions) : null),
    measured: hits[rule].map(share).join(' / '),
  });
  const halves = crossValidated(splits, HALVES, random);
  writeSection(
    'The gate on published starts',
    `${decisions} decisions, seed ${SEED}: the last 1,500 iterations of five random starts against five others of the same benchmark (586 JMH benchmarks, 10 starts each, by Traini and others). Improved at +0 %: ${share(improved)}. \`SQUALL_STARTS=<folder> npm run bench:gate\`

What is known of starts beforehand (weight 3, 3 %) was chosen on these benchmarks, which flatters the first row. The second one does not have that fault: in each of ${HALVES} random halvings it was chosen on one half, among 30 (what finds most of +10 % with at most 0.75 % false alarms), and judged on the other, both ways; ${choices(halves)}. In brackets: the lowest and the highest of the ${halves.length}.`,
    [
      row('squall gate decide, 5 + 5 starts', 'squall'),
      halvesRow(halves),
      row('the same with a plain t-test', 't'),
      row('the same with a permutation of the starts', 'permutation'),
      row('p95 of all iterations more than 5 % higher', 'ratio'),
    ],
  );
}

function halvesRow(halves: readonly Halving[]): BenchRow {
  const shares = SHIFTS.map((_, i) => halves.map(({ found }) => (found.regressed[i] as number) / found.of));
  const percent = (value: number, digits: number) => (100 * value).toFixed(digits);
  return {
    what: 'the same, what is known beforehand chosen on other benchmarks: p95 regressed at +0 / +5 / +10 / +20 %',
    ...boundsOf(shares.map(mean)),
    measured: shares
      .map(
        (own) =>
          `${percent(mean(own), 2)} % (${percent(Math.min(...own), 1)} to ${percent(Math.max(...own), 1)})`,
      )
      .join(' / '),
  };
}

function boundsOf(shares: readonly number[] | null): Pick<BenchRow, 'target' | 'met'> {
  if (shares === null) return { target: '', met: null };
  return {
    target: 'at most 1 % at +0, at least 60 % at +10 %',
    met: (shares[0] as number) <= 0.01 && (shares[2] as number) >= 0.6,
  };
}

/** `weight 3 and 3 % was chosen 31 times, …` */
function choices(halves: readonly Halving[]): string {
  const counts = new Map<string, number>();
  for (const { prior } of halves) {
    const name = `weight ${prior.weight} with ${100 * prior.sd} %`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
  return `chosen most often: ${most.map(([name, count]) => `${name} (${count} times)`).join(', ')}`;
}
