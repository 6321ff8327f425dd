import { readFileSync } from 'node:fs';
import { isSame, type ProcessIdentity } from '../../../process-identity.ts';
import { type ProcessTable, readTable } from './process-table.ts';
import {
  formatEndpoint,
  listenersOf,
  listeningSocketsOf,
  socketInodesOf,
  type TcpSocket,
} from './sockets.ts';

/** Where a tree listened, and who else held those sockets at the time. */
export interface ServedPorts {
  readonly sockets: readonly TcpSocket[];
  readonly names: readonly string[];
  /** Siblings, or a supervisor that passes its socket on: they may go on serving, which is not the tree's fault. */
  readonly others: readonly ProcessIdentity[];
}

/** Looked up while the processes live. Empty where this user may not look. */
export function notePorts(members: readonly ProcessIdentity[]): ServedPorts {
  const sockets = listenersOf(members) ?? [];
  const names = [...new Set(sockets.map(({ local }) => formatEndpoint(local)))];
  if (sockets.length === 0) return { sockets, names, others: [] };
  const table = readTable();
  const inodes = new Set(sockets.map(({ inode }) => inode));
  // Looking at the files of every process takes long, and a tree may be stopped meanwhile: only where it matters.
  if (!isHeldAbove(members, inodes, table)) return { sockets, names, others: [] };
  const others = holdersOf(inodes, table).filter((one) => !members.some((member) => isSame(member, one)));
  return { sockets, names, others };
}

/**
 * The very sockets that the tree listened on and that are still open, in words: then its clients are served by what is left of it. A
 * socket of somebody else on the same port is another matter.
 */
export function stillServed({ sockets, others }: ServedPorts): string[] {
  if (sockets.length === 0) return [];
  const listening = new Set(listeningSocketsOf(process.pid).map(({ inode }) => inode));
  const open = sockets.filter(({ inode }) => listening.has(inode));
  if (open.length === 0) return [];
  const table = readTable();
  return open.flatMap(({ inode, local }) => {
    const holders = holdersOf(new Set([inode]), table).filter(
      (one) => !others.some((other) => isSame(other, one)) && !descends(one.pid, others, table),
    );
    const pids = holders.map(({ pid }) => pid).join(', ');
    return holders.length === 0 ? [] : [`${formatEndpoint(local)} is still served by pid ${pids}`];
  });
}

/** Does anything outside of the tree serve one of these ports, by the same socket or by one of its own? */
export function isHeldOutside(
  listening: readonly TcpSocket[],
  members: readonly ProcessIdentity[],
  table: ProcessTable,
  networks: readonly number[],
): boolean {
  const own = new Set(listening.map(({ inode }) => inode));
  const ports = new Set(listening.map(({ local }) => local.port));
  const isOther = ({ local, inode }: TcpSocket) => ports.has(local.port) && !own.has(inode);
  if (networks.some((pid) => listeningSocketsOf(pid).some(isOther))) return true;
  const pids = new Set(members.map(({ pid }) => pid));
  return holdersOf(own, table).some(({ pid }) => !pids.has(pid));
}

/** What is missing of the ports that the old tree served, in words. */
export function missingPorts(old: ServedPorts, members: readonly ProcessIdentity[]): string[] {
  if (old.sockets.length === 0) return [];
  const now = listenersOf(members);
  if (now === undefined) return [];
  const ports = new Set(now.map(({ local }) => local.port));
  const before = new Set(old.sockets.map(({ local }) => local.port));
  const missing = old.sockets.filter(({ local }) => !ports.has(local.port));
  // Debuggers and the like listen on whatever port they get: another such port stands for the one before.
  let drawn = [...ports].filter((port) => isDrawnByLot(port) && !before.has(port)).length;
  const absent = missing.filter(({ local }) => {
    if (!isDrawnByLot(local.port) || before.size === 1 || drawn === 0) return true;
    drawn -= 1;
    return false;
  });
  return [...new Set(absent.map(({ local }) => formatEndpoint(local)))];
}

function holdersOf(inodes: ReadonlySet<number>, table: ProcessTable): ProcessIdentity[] {
  return [...table.values()].filter(({ pid }) => pid > 1 && holds(pid, inodes));
}

/** Whether the process that started the tree holds its sockets, too (socket activation, a cluster's primary). Then others may get them from it. */
function isHeldAbove(
  members: readonly ProcessIdentity[],
  inodes: ReadonlySet<number>,
  table: ProcessTable,
): boolean {
  const own = new Set(members.map(({ pid }) => pid));
  return members.some(({ pid }) => ancestorsOf(pid, table).some((at) => !own.has(at) && holds(at, inodes)));
}

function ancestorsOf(pid: number, table: ProcessTable): number[] {
  const found = new Set<number>();
  for (let at = table.get(pid)?.parent ?? 0; at > 0 && !found.has(at); at = table.get(at)?.parent ?? 0) {
    found.add(at);
  }
  return [...found];
}

function holds(pid: number, inodes: ReadonlySet<number>): boolean {
  return [...(socketInodesOf(pid) ?? [])].some((inode) => inodes.has(inode));
}

function descends(pid: number, from: readonly ProcessIdentity[], table: ProcessTable): boolean {
  return ancestorsOf(pid, table).some((at) => {
    const row = table.get(at);
    return row !== undefined && from.some((one) => isSame(one, row));
  });
}

function isDrawnByLot(port: number): boolean {
  range ??= readRange();
  return port >= range.from && port <= range.to;
}

let range: { readonly from: number; readonly to: number } | undefined;

function readRange(): { from: number; to: number } {
  try {
    const text = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
    const [from = 0, to = 0] = text.trim().split(/\s+/).map(Number);
    return { from, to };
  } catch {
    return { from: 0, to: 0 };
  }
}
