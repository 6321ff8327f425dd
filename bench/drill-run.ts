/** Runs a k6 script inside a drill, as a user does, and reports how k6 and the target did. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { readJournal } from '../orchestrator/journal/read-journal.ts';
import { entryPoint } from '../orchestrator/package.ts';
import type { Verdict } from '../orchestrator/verdict.types.ts';
import { ask, type Bench } from './k6-run.ts';

export interface Inside {
  readonly p99: number;
  readonly requests: number;
  /** Resident memory of k6 in MB, once a second. */
  readonly memory: readonly number[];
}

/** Runs `squall drill` without faults on the bench's target. @throws when it proves nothing */
export async function runDrill(
  bench: Bench,
  load: { scenario: string } | { script: string },
  vars: Record<string, string>,
): Promise<Inside> {
  const out = path.join(bench.directory, 'run');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(path.join(bench.directory, 'state'), { recursive: true });
  const definition = {
    name: 'watched',
    load: [{ ...load, vars }],
    steady: { for: '1s' },
    objectives: [
      { name: 'p99', where: { name: 'GET /health' }, percentile: 99, below: '10s', phase: 'all' },
      { name: 'answers', throughput: true, atLeast: '1/s', phase: 'steady' },
    ],
  };
  const environment = {
    name: 'bench',
    vars: { BASE_URL: bench.url },
    allow: { kinds: ['kill'], maxTargets: 1 },
    components: {},
  };
  const [drillFile, environmentFile] = ['drill.yaml', 'environment.yaml'].map((name) =>
    path.join(bench.directory, name),
  ) as [string, string];
  writeFileSync(drillFile, JSON.stringify(definition));
  writeFileSync(environmentFile, JSON.stringify(environment));
  await ask(bench.target, 'reset');
  const command = [entryPoint('scripts/squall'), 'drill', drillFile, '--env', environmentFile];
  const running = execa(process.execPath, [...command, '--out', out, '--json'], {
    cwd: bench.directory,
    env: { K6_BIN: bench.k6, XDG_STATE_HOME: path.join(bench.directory, 'state') },
    stdin: 'ignore',
    stderr: 'inherit',
    reject: false,
  });
  const memory: number[] = [];
  const watch = setInterval(() => {
    const resident = residentMb(out);
    if (resident !== null) memory.push(resident);
  }, 1000);
  const { stdout } = await running;
  clearInterval(watch);
  if (stdout === '') throw new Error('the drill printed no verdict');
  const verdict = JSON.parse(stdout) as Verdict;
  // FAIL means that something was slow, which says more about the machine than about what is measured here.
  if (verdict.verdict === 'INVALID')
    throw new Error(`the drill ended with ${verdict.verdict}: ${stdout.slice(0, 2000)}`);
  const { requests } = await ask(bench.target, 'report');
  const p99 = verdict.objectives.find(({ name }) => name === 'p99')?.measured ?? Number.NaN;
  return { p99: p99 as number, requests, memory };
}

/** The memory of the k6 that the journal names; null before and after it runs. */
function residentMb(out: string): number | null {
  try {
    const { lines } = readJournal(path.join(out, 'journal.jsonl'));
    const started = lines.map(({ event }) => event).find((event) => event.type === 'load-started');
    if (started === undefined) return null;
    const status = readFileSync(`/proc/${started.pid}/status`, 'utf8');
    const resident = /VmRSS:\s+(\d+)/.exec(status)?.[1];
    return resident === undefined ? null : Number(resident) / 1024;
  } catch {
    return null;
  }
}
