import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { identify, type ProcessIdentity, signalIfSame } from '../../../chaos/process-identity.ts';
import { waitAtMost } from '../../clock.ts';
import type { PlannedLoad } from '../../plan.types.ts';
import type { HeldLoad, LoadStart } from '../runner.ts';
import { writeNoConfig } from './config.ts';
import { k6Environment, WITH_VARIABLES } from './environment.ts';
import { copyLines, readLog } from './log.ts';
import { k6UndoRecord } from './undo.ts';

/** A k6 that waits: nothing is sent to the target before `go`. */
export type HeldK6 = Pick<HeldLoad, 'undo' | 'go' | 'stop' | 'ended'> & {
  readonly identity: ProcessIdentity;
};

/** What the judge reads. */
const NEEDED_TAGS = [
  'name',
  'method',
  'status',
  'scenario',
  'group',
  'check',
  'error',
  'error_code',
  'expected_response',
];
const GRACE_MS = 3_000;

/**
 * Starts k6 in a process group of its own, held back by a shell that waits for a line: so its pid can be armed before it does
 * anything. `exec` keeps pid and start time; when this process dies before `go`, the shell reads end-of-file and ends.
 */
export function startK6(start: LoadStart, fifo: string): HeldK6 {
  const child = spawn(
    '/bin/sh',
    ['-c', 'IFS= read -r go && exec "$@" </dev/null', 'squall-load', start.k6.path, ...k6Arguments(start)],
    {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      // Not behind `--out=csv=`: a path with `=` in it would be taken for options there.
      env: { ...k6Environment(start.load.vars), K6_CSV_FILENAME: fifo },
    },
  );
  const identity = child.pid === undefined ? null : identify(child.pid);
  if (identity === null) throw new Error('the shell that starts k6 did not start');
  child.stdin.on('error', () => {});
  const out = copyLines(child.stdout, path.join(start.directory, `k6-${start.index}.out`), start.redact);
  const log = readLog(child.stderr, path.join(start.directory, `k6-${start.index}.log`), start.redact);
  const ended = exitOf(child).then(async (exit) => {
    await out;
    return { ...exit, ...(await log) };
  });
  let stopping: Promise<void> | null = null;
  return {
    identity,
    ended,
    undo: k6UndoRecord(start.index, identity),
    go: () => void child.stdin.end('go\n'),
    stop: () => {
      stopping ??= stopGroup(identity, ended);
      return stopping;
    },
  };
}

function k6Arguments({ load, directory, index }: LoadStart): string[] {
  const config = path.join(directory, `config-${index}.json`);
  writeNoConfig(config);
  return [
    'run',
    '--no-color',
    '--quiet',
    '--no-usage-report',
    '--log-format=json',
    // Whatever K6_LOG_OUTPUT says: what the script threw is read from there.
    '--log-output=stderr',
    '--address=',
    WITH_VARIABLES,
    ...(load.foreign ? [] : ['--no-thresholds', '--summary-mode=disabled']),
    `--system-tags=${tagsOf(load).join(',')}`,
    '--out=csv',
    `--config=${config}`,
    load.script,
  ];
}

/**
 * For squall's own scenarios only what the judge reads: half of the bytes of a sample are tags that say nothing there (url, proto,
 * TLS version), and k6, the pipe and the recording pay for each. A script of somebody else keeps the tags that it may count on, and gets
 * those that it has switched off and the judge needs: without `group` and `scenario` nothing tells setup() from the load.
 */
function tagsOf({ foreign, systemTags }: PlannedLoad): string[] {
  return [...new Set([...(foreign ? systemTags : []), ...NEEDED_TAGS])];
}

async function stopGroup(identity: ProcessIdentity, ended: Promise<unknown>): Promise<void> {
  signalIfSame(identity, 'SIGINT', { group: true });
  await waitAtMost(GRACE_MS, ended);
  signalIfSame(identity, 'SIGKILL', { group: true });
  await ended;
}

function exitOf(child: ChildProcess): Promise<{ exitCode: number | null; signal: string | null }> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}
