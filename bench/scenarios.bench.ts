/** What the bundles cost beside a bare three-line script on the same endpoint, taking turns. SQUALL_QUICK shortens it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Bench, benchOnTarget, HEALTH_ONLY, quick, run, settings } from './k6-run.ts';
import { type BenchRow, median, writeSection } from './section.ts';

const ROUNDS = quick ? 3 : 11;

await benchOnTarget(async (bench) => {
  const rows = [...(await beside(bench)), ...(await spike(bench))];
  const note = `k6 ${bench.version}; a bare script and the bundle take turns, medians of ${ROUNDS}.${quick ? ' Shortened (SQUALL_QUICK).' : ''}`;
  writeSection('Scenarios', note, rows);
});

async function beside(bench: Bench): Promise<BenchRow[]> {
  const bundle = path.join(bench.bundles, 'spike.js');
  const bare = path.join(bench.directory, 'bare.js');
  writeFileSync(
    bare,
    `import http from 'k6/http';\nexport default () => {\n  http.get('${bench.url}/health');\n};\n`,
  );
  // Who goes first changes from round to round: a machine that gets slower meanwhile would side with one of them.
  const pair = async (round: number, args: string[]) => {
    const first = await run(bench, round % 2 === 0 ? bare : bundle, args);
    const second = await run(bench, round % 2 === 0 ? bundle : bare, args);
    return round % 2 === 0 ? { bare: first, ours: second } : { bare: second, ours: first };
  };
  const seconds = quick ? 3 : 5;
  const full = ['--vus', '20', '--duration', `${seconds}s`];
  const many = ['--vus', '1000', '--duration', '4s', '--rps', '500'];
  const only = settings(HEALTH_ONLY);
  const speed: number[] = [];
  const memory: number[] = [];
  const start: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const fast = await pair(round, [...full, ...only]);
    speed.push(fast.ours.requests / fast.bare.requests);
    const wide = await pair(round, [...many, ...only]);
    memory.push(wide.ours.peakMb / wide.bare.peakMb);
    start.push(wide.ours.firstRequestMs / wide.bare.firstRequestMs);
  }
  return [
    ratio('requests a second at full speed, of a bare script', speed, '>= 0.85', (r) => r >= 0.85),
    ratio('memory of k6 with 1000 virtual users, of a bare script', memory, '<= 1.3', (r) => r <= 1.3),
    ratio('start-up with 1000 virtual users, of a bare script', start, '<= 1.5', (r) => r <= 1.5),
  ];
}

function ratio(what: string, values: number[], target: string, met: (value: number) => boolean): BenchRow {
  const middle = median(values);
  const all = values.map((value) => value.toFixed(2)).join(', ');
  return { what, target, measured: `${middle.toFixed(2)} (${all})`, met: met(middle) };
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
      what: 'spike: processor that k6 uses',
      target: '<= 0.5 cores',
      measured: result.cores.toFixed(2),
      met: result.cores <= 0.5,
    },
  ];
}
