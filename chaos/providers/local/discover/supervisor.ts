import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ProcessTable } from '../processes/process-table.ts';

export interface Supervisor {
  /** For people: `supervisord`, `systemd (shop.service, Restart=always)`. */
  readonly name: string;
  /** Whether it starts the process again after a SIGKILL. */
  readonly restarts: boolean;
}

/**
 * Who watches over a process, judged by its parents. A shell loop or a script of somebody's own cannot be told from a shell that waits:
 * of those nothing is said. Containers restart by a policy that is not visible from here.
 */
export function supervisorOf(pid: number, table: ProcessTable): Supervisor | null {
  const seen = new Set<number>([pid]);
  for (let at = table.get(pid)?.parent ?? 0; at > 0 && !seen.has(at); at = table.get(at)?.parent ?? 0) {
    seen.add(at);
    const known = knownAs(commandOf(at));
    if (known !== undefined) return known;
    if (table.get(at)?.parent !== 1 && at !== 1) continue;
    const unit = unitOf(pid);
    return unit === undefined ? null : byUnit(unit, seen);
  }
  return null;
}

/** By the command line of the parent. What each does by default when its child dies of a signal. */
const KNOWN: readonly (readonly [RegExp, string, boolean])[] = [
  // autorestart=unexpected is the default, and a signal is never expected.
  [/(^|[/ ])supervisord( |$)/, 'supervisord', true],
  [/^PM2 v\S+: God Daemon/, 'pm2', true],
  [/(^|\/)runsv /, 'runit', true],
  [/(^|\/)s6-supervise /, 's6', true],
  [/(^|\/)supervise /, 'daemontools', true],
  [/(^|[/ ])circusd( |$)/, 'circus', true],
  [/forever\/(bin|lib)\/\S*monitor/, 'forever', true],
  [/(^|[/ ])nodemon( |$|\.js)/, 'nodemon', false],
  [/(^|[/ ])(foreman|honcho|overmind)( |$)/, 'a process manager', false],
];

function knownAs(command: string): Supervisor | undefined {
  const found = KNOWN.find(([pattern]) => pattern.test(command));
  return found && { name: found[1], restarts: found[2] };
}

/** The service of systemd that a process is in, by its control group. */
function unitOf(pid: number): string | undefined {
  return [...textOf(`/proc/${pid}/cgroup`).matchAll(/\/([^/\n]+\.service)/g)].at(-1)?.[1];
}

const AFTER_A_SIGNAL = ['always', 'on-failure', 'on-abnormal', 'on-abort'];

/** systemd restarts a service whose main process dies, and not for the others in its control group. */
function byUnit(unit: string, line: ReadonlySet<number>): Supervisor | null {
  const restart = propertyOf(unit, 'Restart');
  if (restart === '' || !line.has(Number(propertyOf(unit, 'MainPID')))) return null;
  return { name: `systemd (${unit}, Restart=${restart})`, restarts: AFTER_A_SIGNAL.includes(restart) };
}

function propertyOf(unit: string, property: string): string {
  try {
    const args = ['show', `--property=${property}`, '--value', '--', unit];
    return execFileSync('systemctl', args, {
      encoding: 'utf8',
      timeout: 5_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

function commandOf(pid: number): string {
  return textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
