import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import type { JournalEvent, JournalLine } from '../../orchestrator/journal/events.ts';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import type { TinyTarget } from '../tiny-target/tiny-target.ts';
import { shortFaults } from './faults.ts';

const root = path.resolve(import.meta.dirname, '../..');
export const squallEntry = path.join(root, 'dist', 'scripts', 'squall.js');

/** A k6 script like a team's own: open loop, some writes, each acknowledged id as metadata. */
const SCRIPT = `
import http from 'k6/http';
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
const acknowledged = new Counter('squall_writes_acknowledged');
export const options = { scenarios: { all: {
  executor: 'constant-arrival-rate', rate: Number(__ENV.RATE || 50), duration: __ENV.DURATION || '6s', preAllocatedVUs: 60 } } };
export default function () {
  if (__ENV.SAY) console.error('k6 says ' + __ENV.SAY);
  if (__ENV.THROW) throw new Error('every iteration fails');
  const asked = __ENV.TOKEN ? '/health?token=' + __ENV.TOKEN : '/health';
  // Where there is a name, k6 replaces the URL by it, so a tag keeps the URL.
  http.get(__ENV.BASE_URL + asked, { tags: { name: 'GET /health', asked }, timeout: '1s' });
  if (__ITER % Number(__ENV.WRITE_EVERY || 5) !== 0) return;
  const id = exec.vu.idInTest + '-' + __ITER;
  const answer = http.post(__ENV.BASE_URL + '/writes', '{}', { headers: { 'Idempotency-Key': id }, tags: { name: 'POST /writes' }, timeout: '1s' });
  if (answer.status !== 201) return;
  exec.vu.metrics.metadata.squall_write = id;
  acknowledged.add(1);
  delete exec.vu.metrics.metadata.squall_write;
}
`;

export interface DrillFiles {
  readonly drill: string;
  readonly environment: string;
  readonly out: string;
  readonly env: Record<string, string>;
}

/** Writes script, drill and environment beside the tiny target. `drill` is merged over a good drill without faults. */
export function writeDrill(
  target: TinyTarget,
  drill: object,
  environment: object = {},
  k6?: string,
): DrillFiles {
  const at = (name: string) => path.join(target.directory, name);
  writeFileSync(at('script.js'), SCRIPT);
  writeFileSync(at('drill.yaml'), stringify({ ...goodDrill, ...drill }));
  writeFileSync(at('lab.yaml'), stringify({ ...goodEnvironment(target), ...environment }));
  return {
    drill: at('drill.yaml'),
    environment: at('lab.yaml'),
    out: at('run'),
    env: { XDG_STATE_HOME: at('state'), ...(k6 === undefined ? {} : { K6_BIN: k6 }) },
  };
}

/** The arguments for node that run a drill. */
export function drillArguments({ drill, environment, out }: DrillFiles): string[] {
  return [squallEntry, 'drill', drill, '--env', environment, '--out', out];
}

/** Starts `squall drill` as a user would. */
export function startDrill(files: DrillFiles, args: readonly string[] = []) {
  return execa(process.execPath, [...drillArguments(files), '--json', ...args], {
    env: files.env,
    reject: false,
    timeout: 60_000,
    stdin: 'ignore',
    // SIGTERM is only a request here, and what becomes of it is being tested.
    forceKillAfterDelay: false,
  });
}

export interface DrillOutcome {
  readonly exitCode: number | undefined;
  readonly verdict: Verdict;
  readonly stderr: string;
}

/** Runs it to its end. @throws when it printed no verdict */
export async function runToEnd(files: DrillFiles, args: readonly string[] = []): Promise<DrillOutcome> {
  const { exitCode, stdout, stderr } = await startDrill(files, args);
  try {
    return { exitCode, verdict: JSON.parse(String(stdout)) as Verdict, stderr: String(stderr) };
  } catch (cause) {
    throw new Error(`no verdict (exit ${exitCode}): ${String(stderr)}`, { cause });
  }
}

export function events(files: DrillFiles): readonly JournalLine[] {
  try {
    return readJournal(path.join(files.out, 'journal.jsonl')).lines;
  } catch {
    return [];
  }
}

/** Waits until the journal has an event of this type. @throws with the drill's output when it ends before that */
export async function eventOf<T extends JournalEvent['type']>(
  files: DrillFiles,
  type: T,
  running: PromiseLike<{ readonly exitCode?: number | undefined; readonly stderr?: unknown }>,
): Promise<JournalLine> {
  let ended = '';
  void running.then(({ exitCode, stderr }) => {
    ended = `the drill ended with ${exitCode}: ${String(stderr)}`;
  });
  for (;;) {
    const over = ended;
    const line = events(files).find(({ event }) => event.type === type);
    if (line) return line;
    if (over !== '') throw new Error(`no ${type}: ${over}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const goodDrill = {
  name: 'tiny',
  load: [{ script: 'script.js' }],
  steady: { for: '1s' },
  // Generous, for a machine that is busy with other tests: these drills are about what squall does, not about speed.
  objectives: [{ name: 'answers', throughput: true, atLeast: '1/s', phase: 'steady', minSamples: 5 }],
};

function goodEnvironment(target: TinyTarget) {
  const server = `127.0.0.1:${target.port}`;
  return {
    name: 'local',
    vars: { BASE_URL: `http://127.0.0.1:${target.linkPort}` },
    alerts: { listen: `127.0.0.1:${target.alertPort}` },
    allow: { kinds: [...new Set(Object.values(shortFaults).map(({ kind }) => kind))], maxTargets: 4 },
    components: {
      server: { provider: 'local', process: { pidFile: 'server.pid' } },
      link: { provider: 'local', link: { listen: `127.0.0.1:${target.linkPort}`, upstream: server } },
    },
    writes: { lookup: `http://${server}/lookup` },
  };
}
