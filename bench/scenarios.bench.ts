/** What the bundles cost beside a bare three-line script on the same endpoint, taking turns. SQUALL_QUICK shortens it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Bench, benchOnTarget, HEALTH_ONLY, quick, type Result, run, settings } from './k6-run.ts';
import { type BenchRow, writeSection } from './section.ts';

/** Many short runs: on shared cores the machine's speed changes within seconds, so the two of a pair must be close in time. */
const SPEED_ROUNDS = quick ? 5 : 41;
const START_ROUNDS = quick ? 5 : 31;
const MEMORY_ROUNDS = quick ? 3 : 7;

await benchOnTarget(async (bench) => {
  const rows = [...(await beside(bench)), ...(await spike(bench))];
  const note = `k6 ${bench.version}; a bare script and the bundle take turns, medians.${quick ? ' Shortened (SQUALL_QUICK).' : ''}`;
  writeSection('Scenarios', note, rows);
});

async function beside(bench: Bench): Promise<BenchRow[]> {
  const bundle = path.join(bench.bundles, 'spike.js');
  const bare = path.join(bench.directory, 'bare.js');
  writeFileSync(
    bare,
    `import http from 'k6/http';\nexport default () => {\n  http.get('${bench.url}/health');\n};\n`,
  );
  // The order alternates, because a machine that gets slower meanwhile would favour the first.
  const pair = async (round: number, args: string[]) => {
    const first = await run(bench, round % 2 === 0 ? bare : bundle, args);
    const second = await run(bench, round % 2 === 0 ? bundle : bare, args);
    return round % 2 === 0 ? { bare: first, ours: second } : { bare: second, ours: first };
  };
  const compare = async (rounds: number, args: string[], of: (result: Result) => number) => {
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const { ours, bare: theirs } = await pair(round, [...args, ...settings(HEALTH_ONLY)]);
      ratios.push(of(ours) / of(theirs));
    }
    return ratios;
  };
  const many = ['--vus', '1000', '--rps', '500', '--duration'];
  const speed = await compare(SPEED_ROUNDS, ['--vus', '20', '--duration', '2s'], (run) => run.requests);
  const memory = await compare(MEMORY_ROUNDS, [...many, '4s'], (run) => run.peakMb);
  const start = await compare(START_ROUNDS, [...many, '1s'], (run) => run.firstRequestMs);
  return [
    ratio('top request rate, relative to a bare script', speed, '>= 0.85', (r) => r >= 0.85),
    ratio(
      'memory of k6 with 1000 virtual users, relative to a bare script',
      memory,
      '<= 1.3',
      (r) => r <= 1.3,
    ),
    ratio(
      'start-up time with 1000 virtual users, relative to a bare script',
      start,
      '<= 1.5',
      (r) => r <= 1.5,
    ),
  ];
}

function ratio(what: string, values: number[], target: string, met: (value: number) => boolean): BenchRow {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  const middle = at(0.5);
  const half = `half of ${values.length} pairs from ${at(0.25).toFixed(2)} to ${at(0.75).toFixed(2)}`;
  const measured = `${middle.toFixed(2)} (${half})`;
  return { what, target, measured, met: met(middle) };
}

async function spike(bench: Bench): Promise<BenchRow[]> {
  const seconds = quick ? 10 : 60;
  const args = settings({ DURATION: `${seconds}s`, RAMP: '2s', BASE_DURATION: '1s' });
  const result = await run(bench, path.join(bench.bundles, 'spike.js'), args);
  const row = (name: string) =>
    result.rows.find(({ objective }) => objective === name)?.measured ?? Number.NaN;
  const rate = row('gateway.throughput');
  const dropped = row('generator.dropped-iterations');
  return [
    {
      what: `spike: good requests a second over ${seconds} s of plateau; dropped iterations`,
      target: '>= 999; 0',
      measured: `${rate.toFixed(1)}; ${dropped}`,
      met: rate >= 999 && dropped === 0,
    },
    {
      what: 'spike: processor time of k6',
      target: '<= 0.5 cores',
      measured: result.cores.toFixed(2),
      met: result.cores <= 0.5,
    },
  ];
}
