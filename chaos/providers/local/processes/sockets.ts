import { readdirSync, readlinkSync } from 'node:fs';
import type { ProcessIdentity } from '../../../process-identity.ts';
import { kernelText, kernelTextAside } from './kernel-text.ts';

export interface TcpSocket {
  readonly state: 'listening' | 'established' | 'time-wait' | 'other';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** For a listening socket: connections not accepted yet. Otherwise: bytes not read yet. */
  readonly waiting: number;
  /** 0 where no process holds it: not yet accepted, or closed. */
  readonly inode: number;
  /** Of a closed connection that the kernel still remembers (TIME_WAIT): how long ago it was closed. */
  readonly closedMsAgo: number | undefined;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A row of the kernel's table; only what tells whether it is of interest is parsed. */
export interface TcpRow {
  /** Ports and state as the kernel writes them, in hexadecimal. */
  readonly local: string;
  readonly remote: string;
  readonly state: string;
  readonly text: string;
}

/** The TCP sockets of the network namespace that this process is in. Linux only; elsewhere, or where it is gone, none. */
export function tcpSocketsOf(pid: number): TcpSocket[] {
  return TABLES.flatMap((table) => parseTcp(kernelText(`/proc/${pid}/net/${table}`)));
}

/** Reads the table of the network namespace that a process is in, with other work in between. */
export async function tcpRowsOf(pid: number): Promise<TcpRow[]> {
  const rows: TcpRow[] = [];
  for (const table of TABLES) rows.push(...rowsIn(await kernelTextAside(`/proc/${pid}/net/${table}`)));
  return rows;
}

/** Those on or to a port that one of these sockets listens on; all of them where none does. */
export function socketsAround(rows: readonly TcpRow[], held: ReadonlySet<number>): TcpSocket[] {
  const listening = rows.filter(isListening);
  const ours = listening.filter(({ text }) => parseRow(text).some(({ inode }) => held.has(inode)));
  const ports = new Set(ours.map(({ local }) => local));
  const around =
    ports.size === 0 ? rows : rows.filter((row) => ports.has(row.local) || ports.has(row.remote));
  return around.flatMap(({ text }) => parseRow(text));
}

const TABLES = ['tcp', 'tcp6'];
const LISTENING = '0A';

function isListening({ state }: TcpRow): boolean {
  return state === LISTENING;
}

/** The listening ones alone. */
export function listeningSocketsOf(pid: number): TcpSocket[] {
  return TABLES.flatMap((table) =>
    rowsIn(kernelText(`/proc/${pid}/net/${table}`))
      .filter(isListening)
      .flatMap(({ text }) => parseRow(text)),
  );
}

/** Parses /proc/net/tcp and tcp6 (proc_net_tcp, in the kernel's documentation). */
export function parseTcp(text: string): TcpSocket[] {
  return rowsIn(text).flatMap((row) => parseRow(row.text));
}

/** Each is `number: address:port address:port state …`, under a line of headings. */
function rowsIn(table: string): TcpRow[] {
  return table
    .split('\n')
    .slice(1)
    .map((text) => {
      const local = text.indexOf(':', text.indexOf(':') + 1) + 1;
      const remote = text.indexOf(':', local) + 1;
      return {
        local: text.slice(local, local + 4),
        remote: text.slice(remote, remote + 4),
        state: text.slice(remote + 5, remote + 7),
        text,
      };
    });
}

function parseRow(row: string): TcpSocket[] {
  const [, local, remote, state, queues, timer, , , , inode] = row.trim().split(/\s+/);
  if (local === undefined || remote === undefined || inode === undefined) return [];
  return [
    {
      state: STATES[state ?? ''] ?? 'other',
      local: endpoint(local),
      remote: endpoint(remote),
      waiting: Number.parseInt(queues?.split(':')[1] ?? '0', 16),
      inode: Number(inode),
      closedMsAgo: state === '06' ? closedMsAgo(timer) : undefined,
    },
  ];
}

/** The inodes of the sockets that a process holds; null when this user may not look. */
export function socketInodesOf(pid: number): ReadonlySet<number> | null {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? null : new Set();
  }
  const inodes = new Set<number>();
  for (const name of names) {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`)) ?? [];
      if (inode !== undefined) inodes.add(Number(inode));
    } catch {
      // Closed since the list was made.
    }
  }
  return inodes;
}

/** Also true where this user may not look. */
export function hasOpenFiles(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).length > 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

/**
 * Which of these sockets may carry use that cannot be measured: UDP, Unix sockets that listen, and Unix streams. Not what a process
 * writes its log to (descriptors 0 to 2, datagrams).
 */
export function hasSilentSockets(members: readonly ProcessIdentity[], held: ReadonlySet<number>): boolean {
  const candidates = new Set(held);
  for (const { pid } of members) for (const inode of stdioOf(pid)) candidates.delete(inode);
  return oneOfEachNetwork(members).some((pid) => {
    const udp = ['udp', 'udp6'].flatMap((table) => parseTcp(kernelText(`/proc/${pid}/net/${table}`)));
    const unix = kernelText(`/proc/${pid}/net/unix`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/));
    return (
      udp.some(({ inode }) => candidates.has(inode)) ||
      unix.some(([, , , , type, , inode]) => type !== '0002' && candidates.has(Number(inode)))
    );
  });
}

function stdioOf(pid: number): number[] {
  return [0, 1, 2].flatMap((fd) => {
    try {
      return Number(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? 0);
    } catch {
      return [];
    }
  });
}

/** Where these processes listen, each socket once. Undefined when this user may not look. */
export function listenersOf(members: readonly ProcessIdentity[]): TcpSocket[] | undefined {
  const held = members.map(({ pid }) => socketInodesOf(pid));
  if (held.some((inodes) => inodes === null)) return undefined;
  const inodes = new Set(held.flatMap((one) => [...(one ?? [])]));
  const found = new Map<number, TcpSocket>();
  for (const pid of oneOfEachNetwork(members)) {
    for (const socket of listeningSocketsOf(pid)) {
      if (inodes.has(socket.inode)) found.set(socket.inode, socket);
    }
  }
  return [...found.values()];
}

/** One process of each network namespace that these are in, by the name of the namespace. */
export function oneOfEachNetwork(members: readonly ProcessIdentity[]): number[] {
  const byNetwork = new Map<string, number>();
  for (const { pid } of members) {
    const network = networkOf(pid);
    if (network !== undefined && !byNetwork.has(network)) byNetwork.set(network, pid);
  }
  return [...byNetwork.values()];
}

export function networkOf(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

export function formatEndpoint({ address, port }: Endpoint): string {
  const shown = address.startsWith('::ffff:') ? address.slice(7) : address;
  return shown.includes(':') ? `[${shown}]:${port}` : `${shown}:${port}`;
}

/** Include/net/tcp_states.h of the kernel. */
const STATES: Readonly<Record<string, TcpSocket['state']>> = {
  '01': 'established',
  '06': 'time-wait',
  '0A': 'listening',
};

/** The kernel remembers a closed connection for 60 s; the timer counts down, in ticks of 10 ms. */
function closedMsAgo(timer: string | undefined): number {
  const left = Number.parseInt(timer?.split(':')[1] ?? '', 16) * 10;
  return Number.isFinite(left) ? Math.max(0, 60_000 - left) : 0;
}

function endpoint(text: string): Endpoint {
  const [hex = '', port = ''] = text.split(':');
  return { address: knownAddress(hex), port: Number.parseInt(port, 16) };
}

/** Few machines, many connections. */
function knownAddress(hex: string): string {
  const known = addresses.get(hex);
  if (known !== undefined) return known;
  if (addresses.size >= MOST_ADDRESSES) addresses.clear();
  const address = addressIn(hex);
  addresses.set(hex, address);
  return address;
}

const MOST_ADDRESSES = 1_000;
const addresses = new Map<string, string>();

/** Four bytes at a time, each four in the byte order of the machine (little-endian on everything that Node runs on). */
function addressIn(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  return addressOf(bytes);
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.');
  const isMapped = bytes.subarray(0, 12).equals(MAPPED);
  if (isMapped) return `::ffff:${[...bytes.subarray(12)].join('.')}`;
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return groups
    .join(':')
    .replace(/\b0(:0)+\b/, ':')
    .replace(/:{3,}/, '::')
    .replace(/^:$/, '::');
}

/** ::ffff:a.b.c.d, an IPv4 address on an IPv6 socket. */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');
