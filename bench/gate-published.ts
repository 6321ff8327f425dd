import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decide } from '../orchestrator/gate/decision/decide.ts';
import { measured } from '../orchestrator/gate/decision/measure.ts';
import { permuteGroups } from '../orchestrator/statistics/permutation.ts';
import { seededRandom } from '../orchestrator/statistics/random.ts';
import { pooledT } from '../orchestrator/statistics/student-t.ts';
import { type BenchRow, writeSection } from './section.ts';

const SEED = 1;

/** Starts of real benchmarks: five random ones against the other five, which are the same code. */
export function published(folder: string): void {
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
