import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findK6 } from '../orchestrator/tools/find-k6.ts';
import { readDecision } from './gate-decisions.ts';
import { comparison } from './gate-starts.ts';
import { keep, readKept } from './gate-testbed-kept.ts';
import { onTestbed } from './gate-testbed-rows.ts';
import { writeSection } from './section.ts';

const WANTED = Number(process.env.SQUALL_DECISIONS ?? 200);
const MINUTES = Number(process.env.SQUALL_MINUTES ?? Number.POSITIVE_INFINITY);
const BASE_PORT = Number(process.env.SQUALL_BASE_PORT ?? 9300);
const AT_ONCE = Number(process.env.SQUALL_AT_ONCE ?? 1);
const PORTS = 100;
/**
 * Each answer waits so long, as for a service in another cloud. Without it an answer takes 0.6 ms, of which two cores that do all of this make
 * between 0.3 and 0.9 from one slot to the next: nothing to tell 10 % of, and 100 times less than the 2 ms that matter by default.
 */
const WAIT_MS = 40;
/** So many in a row that were not measured as planned are no accident. */
const MOST_FAILURES = 3;
const SIDES = ['baseline', 'candidate'] as const;
const SQUALL = path.resolve('dist/scripts/squall.js');
const TESTBED = path.resolve('dist/testbed/main.js');
const INSTANCE = path.resolve('bench/gate-instance.mjs');

/**
 * Measures two gateways of a testbed against each other, which are the same code: `squall gate` once for each decision, with four starts of
 * both in it, until SQUALL_DECISIONS (200) are kept or SQUALL_MINUTES are over. A decision takes three minutes, so all of them take
 * more than nine hours; SQUALL_AT_ONCE of them run at a time (1), each on a testbed of its own in DIRECTORY.
 *
 * It can be stopped at any time (Ctrl-C) and started again, here or on another machine: what was answered is kept in the repository, and
 * what was begun and not finished is measured anew. At each end it decides on what is new in the directory; with SQUALL_MINUTES=0 it does
 * only that. The testbeds take the ports from SQUALL_BASE_PORT (9300), a hundred each.
 *
 * Decisions are not cut from longer recordings: most of a start is measuring, so little time could be saved, and decisions that share a
 * start are not independent. Each has its own four starts and its own minutes.
 */
export async function testbed(given: string | undefined): Promise<void> {
  if (given === undefined) throw new Error('which directory? npm run bench:gate -- testbed DIRECTORY');
  const lanes = Array.from({ length: AT_ONCE }, (_, i) => path.join(path.resolve(given), String(i + 1)));
  for (const lane of lanes) mkdirSync(path.join(lane, 'decisions'), { recursive: true });
  try {
    if (MINUTES > 0) await measure(lanes);
  } finally {
    for (const lane of lanes) keep(await seriesIn(lane), AT_ONCE);
  }
  const kept = readKept();
  if (kept.every(({ result }) => result === null)) return console.log('no decision is there yet');
  const { note, rows } = onTestbed(kept);
  writeSection('The gate on the testbed', note, rows);
}

async function measure(lanes: readonly string[]): Promise<void> {
  const { path: k6 } = await findK6();
  if (k6 === null) throw new Error('no k6: set K6_BIN, or put k6 on the PATH');
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  process.once('disconnect', stop);
  process.channel?.unref();
  const until = Date.now() + MINUTES * 60_000;
  let done = readKept().filter(({ result }) => result !== null).length;
  const isOver = () => done >= WANTED || Date.now() >= until || stopping.signal.aborted;
  const ended = await Promise.allSettled(
    lanes.map(async (lane, i) => {
      const basePort = BASE_PORT + i * PORTS;
      const suite = writeDefinitions(lane, basePort);
      // An earlier session may have been killed.
      withTestbed(lane, 'down');
      withTestbed(lane, 'up', '--base-port', String(basePort));
      withTestbed(lane, 'set', `slow-ms=${WAIT_MS}`, 'slow-path=/health');
      process.once('exit', () => withTestbed(lane, 'down'));
      let [failures, number] = [0, readdirSync(path.join(lane, 'decisions')).length];
      while (!isOver()) {
        number += 1;
        const from = Date.now();
        const { isWhole, said } = await decideOnce(lane, suite, number, k6, stopping.signal);
        if (stopping.signal.aborted) return;
        done += Number(isWhole);
        failures = isWhole ? 0 : failures + 1;
        const took = Date.now() - from;
        console.log(
          `decision ${i + 1}.${number}: ${isWhole ? '' : 'not measured as planned, '}${(took / 1000).toFixed(0)} s; ${done} of ${WANTED} are there, about ${(((WANTED - done) * took) / AT_ONCE / 3_600_000).toFixed(1)} h to go`,
        );
        if (failures === MOST_FAILURES) {
          stop();
          throw new Error(`${failures} in a row were not measured: ${said}`);
        }
      }
    }),
  );
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

/** @throws when the gate ends with anything but a verdict */
async function decideOnce(
  lane: string,
  suite: string,
  number: number,
  k6: string,
  signal: AbortSignal,
): Promise<{ isWhole: boolean; said: string }> {
  const out = path.join(lane, 'decisions', String(number).padStart(4, '0'));
  rmSync(out, { recursive: true, force: true });
  const seed = ['--seed', String(randomInt(2 ** 31))];
  const args = [SQUALL, 'gate', suite, ...seed, '--out', out, ...environments(lane)];
  // In a group of its own: Ctrl-C reaches it once, by us, and it takes down what it has started.
  const gate = spawn(process.execPath, args, {
    env: { ...process.env, K6_BIN: k6 },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = () => gate.kill('SIGINT');
  signal.addEventListener('abort', stop, { once: true });
  let said = '';
  gate.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000);
  });
  const [code] = (await once(gate, 'close')) as [number | null];
  signal.removeEventListener('abort', stop);
  if (signal.aborted) {
    rmSync(out, { recursive: true, force: true });
    return { isWhole: false, said };
  }
  if (code === null || code > 2) throw new Error(`decision ${number} ended with ${code}: ${said}`);
  return { isWhole: (await readDecision(out)).starts !== null, said };
}

/** @throws with what it said when it fails */
function withTestbed(directory: string, action: 'up' | 'down' | 'set', ...more: string[]): void {
  const args = [TESTBED, action, '--dir', path.join(directory, 'testbed'), ...more];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** @returns the suite's file */
function writeDefinitions(directory: string, basePort: number): string {
  for (const [i, side] of SIDES.entries()) {
    const command = (action: string) =>
      JSON.stringify(['node', INSTANCE, action, path.join(directory, 'testbed'), side]);
    writeFileSync(
      environmentOf(directory, side),
      `name: gate-bench-${side}
vars: { BASE_URL: "http://127.0.0.1:${basePort + FIRST_PLACE + i}" }
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

/** What was finished in a directory, in order. */
async function seriesIn(directory: string): Promise<Awaited<ReturnType<typeof readDecision>>[]> {
  const folder = path.join(directory, 'decisions');
  const finished = readdirSync(folder)
    .sort()
    .filter((name) => existsSync(path.join(folder, name, 'gate.json')));
  return await Promise.all(finished.map((name) => readDecision(path.join(folder, name))));
}
