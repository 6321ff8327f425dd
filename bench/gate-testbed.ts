import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findK6 } from '../orchestrator/tools/find-k6.ts';
import { readDecision, type WholeDecision } from './gate-decisions.ts';
import { comparison } from './gate-starts.ts';
import { onTestbed } from './gate-testbed-rows.ts';
import { writeSection } from './section.ts';

const WANTED = Number(process.env.SQUALL_DECISIONS ?? 200);
const MINUTES = Number(process.env.SQUALL_MINUTES ?? Number.POSITIVE_INFINITY);
const BASE_PORT = Number(process.env.SQUALL_BASE_PORT ?? 9300);
/** Each start of a decision has a seed of its own. */
const SEEDS_APART = 10;
/** So many in a row that were not measured as planned are no accident. */
const MOST_FAILURES = 3;
const SIDES = ['baseline', 'candidate'] as const;
const SQUALL = path.resolve('dist/scripts/squall.js');
const TESTBED = path.resolve('dist/testbed/main.js');
const INSTANCE = path.resolve('bench/gate-instance.mjs');

/**
 * Measures two gateways of a testbed against each other, which are the same code: `squall gate` once for each decision, with four starts of
 * both in it, until SQUALL_DECISIONS (200) are there or SQUALL_MINUTES are over. A decision takes two and a half minutes.
 *
 * It can be stopped at any time (Ctrl-C) and started again with the same directory: it goes on after the last decision that is whole. At
 * each end it decides on all that is there; with SQUALL_MINUTES=0 it does only that. The testbed takes the ports from SQUALL_BASE_PORT
 * (9300) to 99 above it.
 *
 * Decisions are not cut from longer recordings: most of a start is measuring, so little time could be saved, and decisions that share a
 * start are not independent. Each has its own four starts and its own minutes.
 */
export async function testbed(given: string | undefined): Promise<void> {
  if (given === undefined) throw new Error('which directory? npm run bench:gate -- testbed DIRECTORY');
  const directory = path.resolve(given);
  mkdirSync(path.join(directory, 'decisions'), { recursive: true });
  if (MINUTES > 0) await measure(directory);
  const { whole, broken } = await readAll(directory);
  if (whole.length === 0) return console.log('no decision is there yet');
  const { note, rows } = onTestbed(whole, broken);
  writeSection('The gate on the testbed', note, rows);
}

async function measure(directory: string): Promise<void> {
  const k6 = await findK6();
  if (k6.path === null) throw new Error('no k6: set K6_BIN, or put k6 on the PATH');
  const suite = writeDefinitions(directory);
  let stopping = false;
  let gate: ChildProcess | undefined;
  const stop = () => {
    stopping = true;
    gate?.kill('SIGINT');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  process.once('disconnect', stop);
  process.channel?.unref();
  // An earlier session may have been killed.
  withTestbed(directory, 'down');
  withTestbed(directory, 'up', '--base-port', String(BASE_PORT));
  process.once('exit', () => withTestbed(directory, 'down'));
  const { whole, broken } = await readAll(directory);
  let [done, failures, number] = [whole.length, 0, whole.length + broken];
  const until = Date.now() + MINUTES * 60_000;
  while (done < WANTED && Date.now() < until && !stopping) {
    number += 1;
    const out = path.join(directory, 'decisions', String(number).padStart(4, '0'));
    // What was begun and not finished is measured anew.
    rmSync(out, { recursive: true, force: true });
    const from = Date.now();
    // In a group of its own: Ctrl-C reaches it once, by us, and it takes down what it has started.
    gate = spawn(
      process.execPath,
      [
        SQUALL,
        'gate',
        suite,
        '--seed',
        String(SEEDS_APART * number),
        '--out',
        out,
        ...environments(directory),
      ],
      { env: { ...process.env, K6_BIN: k6.path }, detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    gate.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2_000);
    });
    const [code] = (await once(gate, 'close')) as [number | null];
    if (stopping) rmSync(out, { recursive: true, force: true });
    if (stopping) break;
    if (code === null || code > 2) throw new Error(`decision ${number} ended with ${code}: ${said}`);
    const isWhole = (await readDecision(out)) !== null;
    done += Number(isWhole);
    failures = isWhole ? 0 : failures + 1;
    const seconds = ((Date.now() - from) / 1000).toFixed(0);
    console.log(
      `decision ${number}: ${isWhole ? '' : 'not measured as planned, '}${seconds} s; ${done} of ${WANTED} are there, about ${(((WANTED - done) * (Date.now() - from)) / 3_600_000).toFixed(1)} h to go`,
    );
    if (failures === MOST_FAILURES) throw new Error(`${failures} in a row were not measured: ${said}`);
  }
}

/** @throws with what it said when it fails */
function withTestbed(directory: string, action: 'up' | 'down', ...more: string[]): void {
  const args = [TESTBED, action, '--dir', path.join(directory, 'testbed'), ...more];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** @returns the suite's file */
function writeDefinitions(directory: string): string {
  for (const [i, side] of SIDES.entries()) {
    const command = (action: string) =>
      JSON.stringify(['node', INSTANCE, action, path.join(directory, 'testbed'), side]);
    writeFileSync(
      environmentOf(directory, side),
      `name: gate-bench-${side}
vars: { BASE_URL: "http://127.0.0.1:${BASE_PORT + FIRST_PLACE + i}" }
testbed: { up: ${command('up')}, down: ${command('down')}, status: ${command('status')} }
`,
    );
  }
  const { slots, restarts } = comparison;
  const file = path.join(directory, 'suite.yaml');
  // It only warns, so that it does not end early: other harm than none may take all of the starts.
  writeFileSync(
    file,
    `name: gate-bench
budget: 15min
compare:
  - name: ${comparison.name}
    script: ${JSON.stringify(path.resolve('chaos/suites/get-health.js'))}
    vars: { RATE: "300" }
    slots: { pairs: ${slots.pairs}, length: ${slots.length / 1_000}s }
    restarts: ${restarts}
    smallest: { ratio: 5%, absolute: 0s }
    blocks: false
`,
  );
  return file;
}

/** From the base port of the testbed: see gate-instance.mjs. */
const FIRST_PLACE = 25;

function environmentOf(directory: string, side: (typeof SIDES)[number]): string {
  return path.join(directory, `${side}.yaml`);
}

function environments(directory: string): string[] {
  return SIDES.flatMap((side) => [`--${side}`, environmentOf(directory, side)]);
}

/** `broken`: finished, but not measured as planned. */
async function readAll(directory: string): Promise<{ whole: WholeDecision[]; broken: number }> {
  const folder = path.join(directory, 'decisions');
  const whole: WholeDecision[] = [];
  let broken = 0;
  for (const name of readdirSync(folder).sort()) {
    const own = path.join(folder, name);
    if (!existsSync(path.join(own, 'gate.json'))) continue;
    const decision = await readDecision(own);
    if (decision === null) broken += 1;
    else whole.push(decision);
  }
  return { whole, broken };
}
