import { readFileSync, readlinkSync } from 'node:fs';
import os from 'node:os';
import { withoutSecrets } from '../processes/describe-tree.ts';
import { userOf } from '../processes/process-facts.ts';
import { type ProcessTable, readTable } from '../processes/process-table.ts';
import { listeningSocketsOf, socketInodesOf } from '../processes/sockets.ts';
import { type Supervisor, supervisorOf } from './supervisor.ts';

/** A TCP port of this machine that somebody listens on. */
export interface Listener {
  readonly port: number;
  /** As the kernel writes it: `0.0.0.0`, `127.0.0.1`, `::`. */
  readonly addresses: readonly string[];
  /** Null: this user may not see whose it is. */
  readonly process: ListeningProcess | null;
}

export interface ListeningProcess {
  readonly pid: number;
  /** The program, without its folder: `node`, `nginx`. */
  readonly program: string;
  /** Argument by argument, without the secrets that some of them hold: it goes into files that are committed. */
  readonly command: readonly string[];
  /** Its working directory, where this user may know it. */
  readonly directory: string | null;
  readonly user: string;
  /** Whether this user may signal it, and it is not one that squall itself hangs on. */
  readonly mayHit: boolean;
  /** What would start it again after a crash. */
  readonly supervisor: Supervisor | null;
}

/** Who listens on this machine, by port. Reads only. Linux; elsewhere nobody is found. */
export function listeners(): Listener[] {
  const table = readTable();
  const byPort = new Map<number, { addresses: Set<string>; inodes: Set<number> }>();
  for (const { local, inode } of listeningSocketsOf(process.pid)) {
    const one = byPort.get(local.port) ?? { addresses: new Set(), inodes: new Set() };
    one.addresses.add(local.address);
    one.inodes.add(inode);
    byPort.set(local.port, one);
  }
  const held = [...table.keys()].map((pid) => ({ pid, inodes: socketInodesOf(pid) ?? new Set<number>() }));
  return [...byPort]
    .map(([port, { addresses, inodes }]) => {
      const holders = held.filter((one) => [...inodes].some((inode) => one.inodes.has(inode)));
      const pid = first(
        holders.map((one) => one.pid),
        table,
      );
      return {
        port,
        addresses: [...addresses].sort(),
        process: pid === undefined ? null : factsOf(pid, table),
      };
    })
    .sort((a, b) => a.port - b.port);
}

/** Of those that share a socket, the one that the others descend from: a master, not its workers. */
function first(pids: readonly number[], table: ProcessTable): number | undefined {
  return pids.find((pid) => !pids.includes(table.get(pid)?.parent ?? 0)) ?? pids[0];
}

function factsOf(pid: number, table: ProcessTable): ListeningProcess {
  const command = withoutSecrets(
    textOf(`/proc/${pid}/cmdline`)
      .split('\0')
      .filter((one) => one !== ''),
  );
  const uid = userOf(pid);
  return {
    pid,
    program: textOf(`/proc/${pid}/comm`).trim() || (command[0] ?? String(pid)),
    command,
    directory: linkOf(`/proc/${pid}/cwd`),
    user: nameOf(uid),
    mayHit: pid > 1 && !isAbove(pid, table) && maySignal(pid),
    supervisor: supervisorOf(pid, table),
  };
}

function isAbove(pid: number, table: ProcessTable): boolean {
  const seen = new Set<number>();
  for (let at = process.pid; at > 0 && !seen.has(at); at = table.get(at)?.parent ?? 0) {
    if (at === pid) return true;
    seen.add(at);
  }
  return false;
}

function maySignal(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function nameOf(uid: number | undefined): string {
  if (uid === undefined) return 'unknown';
  if (uid === process.getuid?.()) return os.userInfo().username;
  const line = textOf('/etc/passwd')
    .split('\n')
    .find((one) => one.split(':')[2] === String(uid));
  return line?.split(':')[0] ?? String(uid);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function linkOf(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}
