import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { identify, type ProcessIdentity, signalIfSame } from '../../../chaos/process-identity.ts';
import { waitAtMost } from '../../clock.ts';
import type { PlannedLoad } from '../../plan.types.ts';
import type { HeldLoad, LoadStart } from '../runner.ts';
import { writeNoConfig } from './config.ts';
import { k6Dashboard, k6Environment, WITH_VARIABLES } from './environment.ts';
import { copyLines, readLog } from './log.ts';
import { k6UndoRecord } from './undo.ts';

/** A k6 that waits for `go` before it sends anything. */
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
/** What a script has made is cleared away by its teardown(), which k6 still runs when it is asked to end. No fault waits for it. */
const TEARDOWN_GRACE_MS = 15_000;

/**
 * Starts k6 in its own process group, behind a shell that waits for a line, so that its undo can be armed before it does anything.
 * `exec` keeps pid and start time. If this process dies before `go`, the shell reads end-of-file and ends.
 */
export function startK6(start: LoadStart, fifo: string): HeldK6 {
  const child = spawn(
    '/bin/sh',
    ['-c', 'IFS= read -r go && exec "$@" </dev/null', 'squall-load', start.k6.path, ...k6Arguments(start)],
    {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      // Not in `--out=csv=PATH`: k6 would take a `=` in the path for an option.
      env: {
        ...k6Environment(start.load.vars),
        ...(start.dashboardPort === undefined ? {} : k6Dashboard(start.dashboardPort)),
        K6_CSV_FILENAME: fifo,
      },
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
      stopping ??= stopGroup(identity, ended, graceOf(start.load.script));
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
    // Exceptions of the script are read from there, so it must not depend on K6_LOG_OUTPUT.
    '--log-output=stderr',
    '--address=',
    WITH_VARIABLES,
    ...(load.judgesThresholds ? [] : ['--no-thresholds']),
    ...(load.foreign ? [] : ['--summary-mode=disabled']),
    `--system-tags=${tagsOf(load).join(',')}`,
    '--out=csv',
    `--config=${config}`,
    load.script,
  ];
}

/**
 * squall's own scenarios get only the tags that the judge reads: the others (url, proto, TLS version) would double the size of each
 * sample. A foreign script keeps the tags that it chose, plus those that the judge needs: without `group` and `scenario`, setup() cannot
 * be told from the load.
 */
export function tagsOf({ foreign, systemTags }: PlannedLoad): string[] {
  return [...new Set([...(foreign ? systemTags : []), ...NEEDED_TAGS])];
}

async function stopGroup(identity: ProcessIdentity, ended: Promise<unknown>, graceMs: number): Promise<void> {
  signalIfSame(identity, 'SIGINT', { group: true });
  await waitAtMost(graceMs, ended);
  signalIfSame(identity, 'SIGKILL', { group: true });
  await ended;
}

/** Whoever only names it waits no longer for that: k6 ends at once. */
function graceOf(script: string): number {
  try {
    return readFileSync(script, 'utf8').includes('teardown') ? TEARDOWN_GRACE_MS : GRACE_MS;
  } catch {
    return GRACE_MS;
  }
}

function exitOf(child: ChildProcess): Promise<{ exitCode: number | null; signal: string | null }> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}
