import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJson, writeAtomically } from './files.ts';
import { type Identity, identify, isAlive, signal } from './identity.ts';
import { paths, type Testbed } from './testbed.ts';

const mayBeSilentMs = 15_000;

/** How one process of the testbed is started. No secrets in `args`: every user of the machine can read those. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Run as the testbed's other user (see RunAs), not as ours. */
  readonly dropUser: boolean;
  /** The signal that ends the process properly; SIGKILL follows if it does not end. */
  readonly stopSignal: NodeJS.Signals;
}

/** What is on disk about a process that was started. */
export interface ProcessRecord extends Identity {
  readonly name: string;
  readonly at: string;
}

/** Starts a process in its own session and records its identity before anything else. */
export function startProcess(testbed: Testbed, program: Program): ProcessRecord {
  const at = paths(testbed.dir);
  mkdirSync(at.run, { recursive: true });
  mkdirSync(at.log, { recursive: true });
  // Append mode lets the control loop truncate the file while the process goes on writing to it.
  const log = openSync(at.logFile(program.name), 'a');
  const user =
    program.dropUser && testbed.runAs !== null ? { uid: testbed.runAs.uid, gid: testbed.runAs.gid } : {};
  const child = spawn(program.command, program.args, {
    ...user,
    cwd: program.cwd,
    detached: true,
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env.PATH,
      LC_ALL: 'C',
      SQUALL_TESTBED_ID: testbed.id,
      SQUALL_TESTBED_DIR: testbed.dir,
      SQUALL_TESTBED_SERVICE: program.name,
    },
  });
  closeSync(log);
  // Without a listener a command that cannot be started would end this process.
  child.on('error', () => {});
  child.unref();
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined)
    throw new Error(`testbed: ${program.name} did not start: see ${at.logFile(program.name)}`);
  const record: ProcessRecord = { name: program.name, ...identity, at: new Date().toISOString() };
  writeAtomically(at.record(program.name), `${JSON.stringify(record)}\n`);
  writeAtomically(at.pidFile(program.name), `${identity.pid}\n`);
  return record;
}

export function readRecord(dir: string, name: string): ProcessRecord | undefined {
  return readJson<ProcessRecord>(paths(dir).record(name));
}

export function isRunning(dir: string, name: string): boolean {
  return isAlive(readRecord(dir, name));
}

/** A process that has just started may still be silent. */
export function isStarting(dir: string, name: string): boolean {
  const record = readRecord(dir, name);
  return record !== undefined && Date.now() - Date.parse(record.at) < mayBeSilentMs;
}

/** Names of all processes that were started here, dead or alive. */
export function recordedNames(dir: string): string[] {
  try {
    return readdirSync(paths(dir).run)
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length));
  } catch {
    return [];
  }
}

/** Ends one process: its own signal first, SIGKILL after `graceMs`. True when it is gone. */
export async function stopProcess(
  identity: Identity,
  stopSignal: NodeJS.Signals,
  graceMs: number,
): Promise<boolean> {
  signal(identity, stopSignal);
  // A frozen process takes no signal but SIGKILL and SIGCONT.
  signal(identity, 'SIGCONT');
  if (await waitGone(identity, graceMs)) return true;
  signal(identity, 'SIGKILL');
  return waitGone(identity, 5_000);
}

export function forgetRecord(dir: string, name: string): void {
  rmSync(paths(dir).record(name), { force: true });
  rmSync(paths(dir).pidFile(name), { force: true });
}

export async function waitGone(identity: Identity, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

/**
 * Processes of this testbed that no record names: the launcher was killed between starting one and writing it down, or a
 * database's children outlived it. Found by the testbed's id in their environment, or, since Postgres and Redis write over
 * theirs, by a database program at work in this testbed's data directory. Linux only.
 */
export function findStrays(testbed: Testbed, service?: string): Identity[] {
  if (process.platform !== 'linux') return [];
  const found: Identity[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    if (!belongs(testbed, pid, service)) continue;
    const identity = identify(pid);
    if (identity !== undefined) found.push(identity);
  }
  return found;
}

function belongs(testbed: Testbed, pid: number, service: string | undefined): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    if (environment.includes(`SQUALL_TESTBED_ID=${testbed.id}`)) {
      return service === undefined || environment.includes(`SQUALL_TESTBED_SERVICE=${service}`);
    }
    const program = path.basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''));
    if (program !== 'postgres' && !program.startsWith('redis-')) return false;
    const home = path.join(testbed.dataDir, service ?? '');
    const cwd = readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '');
    return cwd === home || cwd.startsWith(`${home}${path.sep}`);
  } catch {
    return false;
  }
}
