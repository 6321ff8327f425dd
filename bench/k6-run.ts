/** Runs k6 against a target that is a process of its own and counts what it gets. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildScenarios } from '../orchestrator/tools/build.ts';
import { findK6 } from '../orchestrator/tools/find-k6.ts';
import { runTarget, type TargetReport } from './k6-target.ts';

/** Shortened, for a trial. */
export const quick = process.env.SQUALL_QUICK !== undefined;

export interface Bench {
  readonly k6: string;
  readonly version: string;
  /** A folder to work in, laid out as a user's: the bundles are in its `build/`. */
  readonly directory: string;
  readonly bundles: string;
  readonly target: ChildProcess;
  readonly url: string;
}

/** The bench's own file, started a second time, is the target. */
export async function benchOnTarget(measure: (bench: Bench) => Promise<void>): Promise<void> {
  if (process.argv[2] === 'target') return runTarget();
  const k6 = await findK6();
  if (k6.path === null) throw new Error('no k6: set K6_BIN, or put k6 on the PATH');
  endWithParent();
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-bench-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const target = fork(process.argv[1] as string, ['target'], { execArgv: [] });
  try {
    const [{ port }] = (await once(target, 'message')) as [{ port: number }];
    const bundles = path.join(directory, 'build');
    await buildScenarios({ cwd: process.cwd(), outDir: bundles });
    const url = `http://127.0.0.1:${port}`;
    await measure({ k6: k6.path, version: k6.version ?? '', directory, bundles, target, url });
  } finally {
    target.kill('SIGKILL');
  }
}

/** No load outlives its bench: `exit` ends k6, and the target ends when its channel is closed. */
function endWithParent(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  process.once('disconnect', () => process.exit(1));
  process.channel?.unref();
}

/** Settings of the spike that leave only its health checks. */
export const HEALTH_ONLY = { READ_SHARE: '0%', WRITE_SHARE: '0%', TOKEN: 'none' };

/** `-e NAME=value` for each. */
export function settings(vars: Readonly<Record<string, string>>): string[] {
  return Object.entries(vars).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
}

export interface Result {
  readonly requests: number;
  readonly firstRequestMs: number;
  /** What the target itself recorded about the chunks; see k6-target.ts. */
  readonly chunkP99: number;
  readonly peakMb: number;
  readonly cores: number;
  readonly rows: { objective: string; measured: number | null }[];
  readonly trends: { vocal_chunk_latency_p99: number };
}

/** Runs k6 and asks the target what arrived. Peak memory and processor time are the kernel's (Linux). */
export async function run(
  { k6, directory, target, url }: Bench,
  script: string,
  args: string[],
): Promise<Result> {
  await ask(target, 'reset');
  const summary = path.join(directory, 'summary.json');
  rmSync(summary, { force: true });
  const startedAt = Date.now();
  const child = spawn(
    k6,
    ['run', '--quiet', ...args, '-e', `BASE_URL=${url}`, '-e', `SUMMARY_JSON=${summary}`, script],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, K6_AUTO_EXTENSION_RESOLUTION: 'false' },
    },
  );
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  let peakMb = Number.NaN;
  let cpuSeconds = Number.NaN;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      // A process that has just ended has no memory any more, so the earlier value stands.
      const peak = /VmHWM:\s+(\d+)/.exec(status)?.[1];
      if (peak === undefined) return;
      peakMb = Number(peak) / 1024;
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      // It is gone; the last values stand.
    }
  }, 50);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  process.off('exit', end);
  // 99: one of the scenario's thresholds was crossed, which says more about the machine than about what is measured here.
  if (exitCode !== 0 && exitCode !== 99) throw new Error(`k6 ended with ${exitCode}: ${script}`);
  clearInterval(watch);
  const seconds = (Date.now() - startedAt) / 1000;
  const { requests, firstAt, chunkP99 } = await ask(target, 'report');
  return {
    requests,
    firstRequestMs: firstAt - startedAt,
    chunkP99,
    peakMb,
    cores: cpuSeconds / seconds,
    rows: readRows(summary),
    trends: { vocal_chunk_latency_p99: p99Of(stdout, 'vocal_chunk_latency') },
  };
}

function readRows(file: string): Result['rows'] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { rows: Result['rows'] }).rows;
  } catch {
    return [];
  }
}

/** From the summary's table of trends: name, samples, p50, p95, p99, max. */
function p99Of(stdout: string, trend: string): number {
  const line = stdout.split('\n').find((text) => text.trim().startsWith(`${trend} `));
  return Number(line?.trim().split(/\s+/)[4] ?? Number.NaN);
}

export async function ask(target: ChildProcess, what: 'reset' | 'report'): Promise<TargetReport> {
  target.send(what);
  const [answer] = (await once(target, 'message')) as [TargetReport];
  return answer;
}
