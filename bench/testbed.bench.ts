/**
 * Processor time of the testbed's processes under the demo's load. Two testbeds take turns under the same load: the one of this checkout,
 * and the one of the checkout that SQUALL_BENCH_BEFORE names (compiled), else this one's with the load balancer in Node. SQUALL_QUICK
 * shortens it. Linux only.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildScenarios } from '../orchestrator/tools/build.ts';
import { findK6 } from '../orchestrator/tools/find-k6.ts';
import { processorSeconds } from './processor-time.ts';
import { type BenchRow, median, writeSection } from './section.ts';

const quick = process.env.SQUALL_QUICK !== undefined;
const RATE = 1_000;
const ROUNDS = quick ? 1 : 3;
const COUNTED_S = quick ? 6 : 20;
/** The load has reached its rate, and connections and compiled code are there. */
const SETTLED_S = quick ? 6 : 14;
const TARGET_CORES = 0.6;

interface Side {
  readonly what: string;
  readonly main: string;
  readonly dir: string;
  readonly edge: readonly string[];
}

const k6 = await findK6();
if (k6.path === null) throw new Error('no k6: set K6_BIN, or put k6 on the PATH');
const work = mkdtempSync(path.join(os.tmpdir(), 'squall-bench-testbed-'));
const here = process.cwd();
const { SQUALL_BENCH_BEFORE: other } = process.env;
const side = (what: string, checkout: string, ...edge: string[]): Side => ({
  what,
  main: path.join(checkout, 'dist/testbed/main.js'),
  dir: path.join(work, what),
  edge,
});
const sides = [
  other === undefined ? side('before', here, '--edge', 'node') : side('before', other),
  side('now', here),
] as const;
let load: ChildProcess | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.once('exit', () => {
  load?.kill('SIGKILL');
  for (const one of sides) command(one, 'down');
  rmSync(work, { recursive: true, force: true });
});

const bundles = path.join(work, 'build');
await buildScenarios({ cwd: here, outDir: bundles });
const parts = sides.map(start);
const measured: [Use[], Use[]] = [[], []];
for (let round = 0; round < ROUNDS; round += 1) {
  // The order alternates, because a machine that gets slower meanwhile would favour the first.
  for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
    measured[i]?.push(await underLoad(parts[i] as Part[], sides[i] as Side, k6.path));
    console.log(`${sides[i]?.what}: ${text(measured[i]?.at(-1) as Use)}`);
  }
}
const [before, now] = measured.map(middle) as [Use, Use];
const compared = other === undefined ? 'the load balancers in Node' : 'an earlier commit';
writeSection(
  'Testbed',
  `k6 ${k6.version}; cores that each part of the testbed uses at ${RATE} requests a second of the demo, over ${COUNTED_S} s; before (${compared}) and now take turns, medians of ${ROUNDS}.${quick ? ' Shortened (SQUALL_QUICK).' : ''}`,
  rows(before, now),
);

type Use = Readonly<Record<string, number>>;
interface Part {
  readonly name: string;
  readonly pid: number;
}

function command({ main, dir, edge }: Side, name: 'up' | 'down' | 'status') {
  const more = name === 'up' ? ['--base-port', '0', ...edge] : [];
  return spawnSync(process.execPath, [main, name, '--dir', dir, '--json', ...more], {
    encoding: 'utf8',
    timeout: 180_000,
  });
}

function start(one: Side): Part[] {
  const { status, stderr } = command(one, 'up');
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(command(one, 'status').stdout).parts as Part[];
}

/** Cores by component while the load is at its rate. */
async function underLoad(processes: readonly Part[], one: Side, program: string): Promise<Use> {
  const { url } = JSON.parse(command(one, 'status').stdout) as { url: string };
  const duration = SETTLED_S + COUNTED_S;
  const vars = { BASE_URL: url, RATE, READ_SHARE: '3%', WRITE_SHARE: '2%', SESSION_SHARE: '2%' };
  const shape = { BASE_DURATION: '2s', RAMP: '4s', DURATION: `${duration}s` };
  const settings = Object.entries({ ...vars, ...shape }).flatMap(([name, value]) => [
    '-e',
    `${name}=${value}`,
  ]);
  const args = ['run', '--quiet', '--no-thresholds', '--summary-mode=disabled', ...settings];
  load = spawn(program, [...args, path.join(bundles, 'spike.js')], { stdio: 'ignore' });
  const ended = once(load, 'exit');
  await sleep(SETTLED_S * 1_000);
  const from = performance.now();
  const first = new Map(processes.map(({ name, pid }) => [name, processorSeconds(pid)]));
  await sleep(COUNTED_S * 1_000);
  const seconds = (performance.now() - from) / 1_000;
  const use: Record<string, number> = {};
  for (const { name, pid } of processes) {
    const cores = (processorSeconds(pid) - (first.get(name) ?? Number.NaN)) / seconds;
    const component = componentOf(name);
    use[component] = (use[component] ?? 0) + cores;
  }
  load.kill('SIGINT');
  await ended;
  load = undefined;
  return use;
}

function componentOf(name: string): string {
  const known: Record<string, string> = {
    gateway: 'gateways',
    projects: 'projects',
    postgres: 'PostgreSQL',
    redis: 'Redis, Sentinels',
    sentinel: 'Redis, Sentinels',
  };
  const plain = known[name.replace(/-[a-z0-9]$/, '')];
  return plain ?? (name.includes('edge') ? name : 'control loop and idle services');
}

function middle(uses: readonly Use[]): Use {
  const names = Object.keys(uses[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(uses.map((use) => use[name] ?? Number.NaN))]));
}

function total(use: Use): number {
  return Object.values(use).reduce((sum, one) => sum + one, 0);
}

function rows(earlier: Use, present: Use): BenchRow[] {
  const all = total(present);
  const row = (what: string, was: number, is: number): Omit<BenchRow, 'target' | 'met'> => ({
    what,
    measured: `${is.toFixed(2)} (before: ${was.toFixed(2)})`,
  });
  return [
    {
      ...row('all of the testbed', total(earlier), all),
      target: `<= ${TARGET_CORES} cores`,
      met: all <= TARGET_CORES,
    },
    ...Object.keys(present).map((name) => ({
      ...row(name, earlier[name] ?? Number.NaN, present[name] ?? Number.NaN),
      target: '',
      met: null,
    })),
  ];
}

function text(use: Use): string {
  const list = Object.entries(use).map(([name, cores]) => `${name} ${cores.toFixed(3)}`);
  return `${total(use).toFixed(3)} cores: ${list.join(', ')}`;
}
