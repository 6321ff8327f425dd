import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import type { JournalLine } from '../../orchestrator/journal/events.ts';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import { judgeRun } from '../../orchestrator/judge/judge.ts';
import { threadTimes } from '../../orchestrator/machine/kernel.ts';
import type { Stall } from '../../orchestrator/machine/reading.ts';
import type { K6 } from '../../orchestrator/tools/find-k6.ts';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { runInProcess } from '../drill/in-process.ts';

/** What happens in the middle of a drill that is healthy otherwise, for `STANDSTILL_MS`. */
export type Disturbance = 'k6 is stopped' | 'a hog' | 'the target stalls' | 'the target burns';

export const STANDSTILL_MS = 1_500;

export interface DisturbedDrill {
  readonly verdict: Verdict;
  /** Judged again, with the machine's readings replaced. */
  judgedWith(stalls: readonly Stall[]): Promise<Verdict>;
  /** How long the target was ready to answer and had no processor. On a machine that is full of other work it is not healthy. */
  readonly targetWaitedMs: number;
}

export interface Disturbing {
  readonly k6: K6;
  readonly disturbance: Disturbance;
  /** After the first request. */
  readonly atMs: number;
  /** Requests a second, and how long the target takes for each. */
  readonly rate: number;
  readonly delayMs: number;
}

/** VUs beside twice what the load needs: too few to make up at once for what is due in a standstill. */
const SPARE = 4;
const LENGTH_MS = 7_000;

/** Runs it; the caller has set XDG_STATE_HOME, and removes the recordings. */
export async function disturbedDrill(options: Disturbing): Promise<DisturbedDrill> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-machine-'));
  const target = start('slow-target.mjs', [String(options.delayMs)]);
  const hogs: ChildProcess[] = [];
  let k6Pid = 0;
  let resume = () => {};
  try {
    const [port] = (await once(target, 'message')) as [number];
    if (options.disturbance === 'a hog') hogs.push(...(await readyHogs()));
    const files = write(directory, port, options);
    const result = await runInProcess(files, options.k6, undefined, (event) => {
      if (event.type === 'load-started') k6Pid = event.pid ?? 0;
      if (event.type === 'first-sample') setTimeout(disturb, options.atMs);
    });
    const { lines } = readJournal(path.join(result.directory, 'journal.jsonl'));
    const judgedWith = async (stalls: readonly Stall[]) => {
      const again = { directory: result.directory, lines: withStalls(lines, stalls), damage: null };
      return (await judgeRun(again)).verdict;
    };
    const waited = threadTimes(target.pid ?? 0).get(String(target.pid))?.waitedMs ?? 0;
    return { verdict: result.verdict, targetWaitedMs: waited, judgedWith };
  } finally {
    resume();
    for (const child of [target, ...hogs]) child.kill('SIGKILL');
    leftovers.push(directory);
  }

  function disturb(): void {
    if (options.disturbance === 'the target stalls') target.send({ stall: STANDSTILL_MS });
    else if (options.disturbance === 'the target burns') target.send({ burn: STANDSTILL_MS });
    else if (options.disturbance === 'a hog') for (const hog of hogs) hog.send(STANDSTILL_MS);
    else {
      signal(k6Pid, 'SIGSTOP');
      resume = () => signal(k6Pid, 'SIGCONT');
      setTimeout(resume, STANDSTILL_MS);
    }
  }
}

const leftovers: string[] = [];

/** Removes the recordings of all drills so far. */
export function removeRecordings(): void {
  for (const directory of leftovers.splice(0)) rmSync(directory, { recursive: true, force: true });
}

/** May this user give a process priority over everything else? */
export function canTakeMachine(): boolean {
  try {
    execFileSync('chrt', ['--rr', '1', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** One for each processor, with priority over everything that has none. They end by themselves. */
async function readyHogs(): Promise<ChildProcess[]> {
  const hogs = os.cpus().map(() => start('hog.mjs'));
  await Promise.all(hogs.map((hog) => once(hog, 'message')));
  for (const { pid } of hogs) execFileSync('chrt', ['--rr', '-p', '1', String(pid)]);
  return hogs;
}

function start(script: string, args: readonly string[] = []): ChildProcess {
  // In a session of its own, as k6 is: Linux shares processors among sessions first.
  return fork(path.join(import.meta.dirname, script), args, { execArgv: [], detached: true });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

function withStalls(lines: readonly JournalLine[], stalls: readonly Stall[]): JournalLine[] {
  return lines.map((line) =>
    line.event.type === 'machine' ? { ...line, event: { ...line.event, stalls } } : line,
  );
}

function write(directory: string, port: number, { rate, delayMs }: Disturbing) {
  const at = (name: string) => path.join(directory, name);
  const vus = Math.ceil((rate * delayMs) / 1000) * 2 + SPARE;
  writeFileSync(
    at('script.js'),
    `
    import http from 'k6/http';
    export const options = { discardResponseBodies: true, scenarios: { load: {
      executor: 'constant-arrival-rate', rate: ${rate}, timeUnit: '1s', duration: '${LENGTH_MS}ms', preAllocatedVUs: ${vus} } } };
    export default function () { http.get('http://127.0.0.1:${port}/', { timeout: '20s' }); }
    `,
  );
  const objectives = [
    { name: 'latency', percentile: 95, below: '300ms', phase: 'all', minSamples: 100 },
    { name: 'errors', errors: true, below: '2%', phase: 'all', minSamples: 100 },
  ];
  writeFileSync(
    at('drill.yaml'),
    stringify({
      name: 'disturbed',
      load: [{ script: 'script.js' }],
      steady: { for: '1s' },
      faults: [],
      objectives,
    }),
  );
  writeFileSync(at('lab.yaml'), stringify({ name: 'local', vars: {}, components: {} }));
  return { drill: at('drill.yaml'), environment: at('lab.yaml'), out: at('run'), env: {} };
}
