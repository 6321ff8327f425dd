import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { identify, type ProcessIdentity, signalIfSame } from '../../../chaos/process-identity.ts';
import { waitAtMost } from '../../clock.ts';
import type { HeldLoad, LoadExit, LoadStart } from '../runner.ts';
import { k6UndoRecord } from './undo.ts';

/** A k6 that waits: nothing is sent to the target before `go`. */
export type HeldK6 = Pick<HeldLoad, 'undo' | 'go' | 'stop' | 'ended'> & {
  readonly identity: ProcessIdentity;
};

/**
 * For squall's own scenarios only what the judge reads: half of the bytes of a sample are tags that say nothing there (url, proto,
 * TLS version), and k6, the pipe and the recording pay for each. A script of somebody else keeps the tags that it may count on.
 */
const OWN_TAGS = 'name,method,status,scenario,group,check,error,error_code,expected_response';
const MAX_LOG_BYTES = 20_000_000;
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
      env: { ...CALMER_COLLECTOR, ...process.env, ...start.load.vars, ...k6Environment(fifo) },
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

function k6Arguments(start: LoadStart): string[] {
  return [
    'run',
    '--no-color',
    '--quiet',
    '--no-usage-report',
    '--log-format=json',
    // Whatever K6_LOG_OUTPUT says: what the script threw is read from there.
    '--log-output=stderr',
    '--address=',
    ...(start.load.foreign
      ? []
      : ['--no-thresholds', '--summary-mode=disabled', `--system-tags=${OWN_TAGS}`]),
    '--out=csv',
    start.load.script,
  ];
}

/**
 * Writing samples makes garbage, and k6 collects it on the processors that also send requests. Half as often costs it half as much of
 * its memory again, and gives back most of the speed. Whoever has set GOGC knows better.
 */
const CALMER_COLLECTOR = { GOGC: '200' };

function k6Environment(fifo: string): Record<string, string> {
  return {
    // Not behind `--out=csv=`: a path with `=` in it would be taken for options there.
    K6_CSV_FILENAME: fifo,
    K6_CSV_TIME_FORMAT: 'unix_nano',
    // What steers the run shall be fresh: the default of one second is most of the two that are allowed.
    K6_CSV_SAVE_INTERVAL: '250ms',
    // Otherwise k6 may start a child of its own to which it passes no signals.
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    K6_WEB_DASHBOARD: 'false',
    // Thresholds that a script sets itself count, and k6 ends when its work is done, whatever the shell of the user says.
    K6_NO_THRESHOLDS: 'false',
    K6_LINGER: 'false',
    K6_PAUSED: 'false',
  };
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

/** What k6's exit code does not tell: iterations that threw. */
async function readLog(
  stderr: Readable,
  file: string,
  redact: LoadStart['redact'],
): Promise<Pick<LoadExit, 'scriptErrors' | 'lastError'>> {
  let scriptErrors = 0;
  let lastError: string | null = null;
  await copyLines(stderr, file, redact, (line) => {
    if (!line.includes('"level":"error"')) return;
    if (line.includes('"source":"stacktrace"') || line.includes('"hint":"script exception"'))
      scriptErrors += 1;
    lastError = messageOf(line, redact) ?? lastError;
  });
  return { scriptErrors, lastError };
}

/** Copies lines into a file, without secrets, up to a limit; reads on after that, so that k6 never waits for a full pipe. */
async function copyLines(
  input: Readable,
  file: string,
  redact: LoadStart['redact'],
  onLine: (line: string) => void = () => {},
): Promise<void> {
  const out = createWriteStream(file, { mode: 0o600 });
  // A log that cannot be written (a full disk) costs the log, not the run; samples and journal say so themselves.
  let broken = false;
  out.on('error', () => {
    broken = true;
  });
  let bytes = 0;
  for await (const raw of createInterface({ input })) {
    // As k6 said it: a secret called "error" must not hide what the script threw.
    onLine(raw);
    const line = redact(raw);
    bytes += line.length + 1;
    if (bytes < MAX_LOG_BYTES && !broken) out.write(`${line}\n`);
  }
  if (!broken) await new Promise<void>((resolve) => out.once('close', resolve).end());
}

function messageOf(line: string, redact: LoadStart['redact']): string | null {
  try {
    // Cut last: half of a secret is not found.
    return redact(String((JSON.parse(line) as { msg?: unknown }).msg).trim()).slice(0, 500);
  } catch {
    return null;
  }
}
