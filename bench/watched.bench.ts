/** What it costs to be watched: the same bundle alone, with no output, and inside a drill, taking turns. SQUALL_QUICK shortens it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { runDrill } from './drill-run.ts';
import { type Bench, benchOnTarget, HEALTH_ONLY, quick, run, settings } from './k6-run.ts';
import { type BenchRow, median, writeSection } from './section.ts';

const ROUNDS = quick ? 1 : 5;
const PLATEAU_SECONDS = quick ? 5 : 20;

await benchOnTarget(async (bench) => {
  const rows = await beside(bench);
  const note = `k6 ${bench.version}; alone and inside a drill take turns, medians of ${ROUNDS}.${quick ? ' Shortened (SQUALL_QUICK).' : ''}`;
  writeSection('Being watched', note, rows);
});

async function beside(bench: Bench): Promise<BenchRow[]> {
  const bundle = path.join(bench.bundles, 'spike.js');
  const spike = { ...HEALTH_ONLY, DURATION: `${PLATEAU_SECONDS}s`, RAMP: '1s', BASE_DURATION: '1s' };
  const full = path.join(bench.bundles, 'full-speed.js');
  // What a user runs, with one change: a closed loop of 20 users instead of a fixed rate.
  writeFileSync(
    full,
    `import spike, * as all from './spike.js';\nexport const { setup, handleSummary } = all;\n` +
      `export const options = { ...all.options, scenarios: { full: { executor: 'constant-vus', vus: 20, duration: '${quick ? 3 : 8}s' } } };\nexport default spike;\n`,
  );
  const p99: number[][] = [[], []];
  const speed: number[][] = [[], [], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { rows } = await run(bench, bundle, settings(spike));
    p99[0]?.push(rows.find(({ objective }) => objective === 'gateway.latency.p99')?.measured ?? Number.NaN);
    p99[1]?.push((await runDrill(bench, { scenario: 'spike' }, spike)).p99);
    speed[0]?.push((await run(bench, full, settings(HEALTH_ONLY))).requests);
    speed[1]?.push((await runDrill(bench, { scenario: 'full-speed' }, HEALTH_ONLY)).requests);
    speed[2]?.push((await runDrill(bench, { script: full }, HEALTH_ONLY)).requests);
  }
  const [alone = [], inside = []] = p99;
  const [bare = [], watched = [], foreign = []] = speed;
  const slower = median(inside) / median(alone);
  const share = median(watched) / median(bare);
  return [
    {
      what: 'p99 of the target at 1000 requests a second inside a drill, relative to the same bundle alone',
      target: '<= 1.3',
      measured: `${slower.toFixed(2)} (${list(inside)} against ${list(alone)} ms)`,
      met: slower <= 1.3,
    },
    {
      what: 'top speed of k6 inside a drill, relative to the same bundle alone',
      target: '>= 0.85',
      measured: `${share.toFixed(2)} (${watched.join(', ')} against ${bare.join(', ')} requests)`,
      met: share >= 0.85,
    },
    {
      what: 'the same for a script that squall did not write (k6 keeps all tags and its own thresholds)',
      target: '',
      measured: `${(median(foreign) / median(bare)).toFixed(2)} (${foreign.join(', ')} requests)`,
      met: null,
    },
  ];
}

function list(values: readonly number[]): string {
  return values.map((value) => value.toFixed(2)).join(', ');
}
