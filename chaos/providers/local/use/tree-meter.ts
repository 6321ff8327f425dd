import type { ProcessIdentity, ProcessStat } from '../../../process-identity.ts';
import { createLooks, type Looks } from '../../../use/looks.ts';
import type { ProcessTable } from '../processes/process-table.ts';
import { growTree, loneTree, type ProcessTree, treeOf } from '../processes/process-tree.ts';
import { isHeldOutside } from '../processes/served-ports.ts';
import {
  formatEndpoint,
  hasOpenFiles,
  hasSilentSockets,
  oneOfEachNetwork,
  socketInodesOf,
  socketsAround,
  type TcpRow,
  type TcpSocket,
} from '../processes/sockets.ts';
import { isOwnPort } from './own-connections.ts';
import type { SocketBytes } from './socket-bytes.ts';
import type { SocketTables } from './socket-tables.ts';

/** What a tree was used for so far. Counters only grow; the rest is as it was at the look. */
export interface TreeCounters {
  /** Connections of clients that came since the watch began. */
  readonly connections: number;
  /** Of these, those that one of the tree certainly had: others may serve the same port. */
  readonly owned: number;
  /** Payload that connections carried; undefined where `ss` cannot tell. */
  readonly bytes: number | undefined;
  /** Pieces of that payload which came in; of a connection that only sends, which went out. */
  readonly pieces: number;
  readonly cpuMs: number;
  /** Clients that are connected. */
  readonly clients: number;
  /** Connections not accepted yet. */
  readonly unaccepted: number;
  /** This look asked `ss`: payload is as new as the rest. */
  readonly withBytes: boolean;
}

export interface TreeFacts {
  /** Where it listens; undefined when this user may not look. */
  readonly listens: readonly string[] | undefined;
  /** Others outside of the tree serve one of these ports, too. */
  readonly shared: boolean;
  /** Every client that there can be is on this machine, so that none is overlooked. */
  readonly onlyLocal: boolean;
  /** It has sockets whose traffic cannot be measured: UDP, Unix. */
  readonly hasOtherSockets: boolean;
  readonly size: number;
}

/** Adds up what uses one process and its tree, look by look. */
export interface TreeMeter {
  readonly root: ProcessIdentity;
  readonly looks: Looks<TreeCounters>;
  readonly facts: () => TreeFacts;
  /** @param withBytes also asks `ss`, which takes a process of its own */
  look(table: ProcessTable, sockets: SocketTables, withBytes: boolean): Promise<void>;
}

const NOTHING_YET = { bytes: 0, received: 0, sent: 0 };
const TICK_MS = 10;
/** Closed connections are dated by the kernel, to the tick. */
const SLACK_MS = 50;
/** Connections that have been counted are remembered for as long as the kernel shows them. */
const REMEMBERED_MS = 70_000;

/** @param alone measures the process without its tree: what a fault on the parent alone hits */
export function createTreeMeter(root: ProcessIdentity, alone: boolean): TreeMeter {
  const looks = createLooks<TreeCounters>();
  const counted = new Map<string, number>();
  const cpuOf = new Map<string, number>();
  const bytesOf = new Map<string, SocketBytes>();
  let tree: ProcessTree = { root, members: [], sessions: [], groups: [] };
  let facts: TreeFacts = { listens: [], shared: false, onlyLocal: true, hasOtherSockets: false, size: 0 };
  let began: number | undefined;
  let [connections, owned, cpuMs] = [0, 0, 0];
  let bytes: number | undefined = 0;
  let bytesSoFar = 0;
  let pieces = 0;
  let hasBytes = false;
  let hadFiles = false;
  let couldLook = false;
  let sharedAs = '';
  return { root, looks, facts: () => facts, look };

  async function look(table: ProcessTable, sockets: SocketTables, withBytes: boolean): Promise<void> {
    const isFirst = began === undefined;
    began ??= Date.now();
    if (alone) tree = loneTree(root, table);
    else tree = isFirst ? treeOf(root, table) : growTree(tree, table);
    if (tree.members.length === 0) return;
    addCpu(tree.members, isFirst);
    // Read first, and the files of the processes after it: whoever has its files then was there when the sockets were read.
    const networks = oneOfEachNetwork(tree.members);
    const readings = await Promise.all(networks.map(sockets.rows));
    const at = Math.min(Date.now(), ...readings.map((reading) => reading.at));
    const rows = readings.flatMap((reading) => reading.rows);
    // A process that ends gives its files back before it is gone: what it listens on by then says nothing.
    const hasFiles = tree.members.some(({ pid }) => hasOpenFiles(pid));
    if (hadFiles && !hasFiles) return;
    hadFiles ||= hasFiles;
    const view = viewOf(tree, networks, rows, at);
    // And before that it gives its memory back, and then belongs to root for whoever is not root.
    if (couldLook && !view.mayLook) return;
    couldLook ||= view.mayLook;
    countConnections(view, isFirst);
    if (withBytes) await addBytes(view, sockets);
    noteFacts(view, table);
    looks.add({
      at,
      counters: {
        connections,
        owned,
        bytes,
        pieces,
        cpuMs,
        clients: view.accepted.length,
        unaccepted: view.accepted.filter(({ inode }) => inode === 0).length,
        withBytes,
      },
    });
  }

  function addCpu(members: readonly ProcessStat[], isFirst: boolean): void {
    for (const { pid, start, cpuTicks } of members) {
      const key = `${pid} ${start}`;
      cpuMs += (cpuTicks - (cpuOf.get(key) ?? (isFirst ? cpuTicks : 0))) * TICK_MS;
      cpuOf.set(key, cpuTicks);
    }
  }

  /** Also those that came and went between two looks: the kernel remembers a closed connection for a minute, and says since when. */
  function countConnections({ accepted, closed, inodes }: TreeView, isFirst: boolean): void {
    const now = Date.now();
    for (const socket of accepted) {
      const key = formatEndpoint(socket.remote);
      if (counted.has(key) && socket.inode === 0) continue;
      if (!isFirst && !counted.has(key)) connections += 1;
      // Its owner shows only once it is accepted.
      if (!isFirst && !counted.has(`${key} owned`) && inodes.has(socket.inode)) {
        owned += 1;
        counted.set(`${key} owned`, now);
      }
      if (isFirst && inodes.has(socket.inode)) counted.set(`${key} owned`, now);
      counted.set(key, now);
    }
    for (const { client, at } of closed) {
      const key = formatEndpoint(client);
      if (at < (began ?? now) - SLACK_MS || counted.has(key)) continue;
      connections += 1;
      counted.set(key, now);
    }
    for (const [key, at] of counted) if (now - at > REMEMBERED_MS) counted.delete(key);
  }

  /** A look that `ss` does not answer says nothing; the next one goes on from the sum before it. */
  async function addBytes(view: TreeView, sockets: SocketTables): Promise<void> {
    const readings = await Promise.all(
      view.networks.map((pid) => sockets.bytes(pid, view.ports ?? new Set())),
    );
    bytes = undefined;
    if (readings.some((one) => one === undefined)) return;
    const now = new Map<string, SocketBytes>();
    for (const one of readings.flatMap((reading) => reading ?? [])) {
      if (!view.counts(one)) continue;
      now.set(one.key, one);
      const before = bytesOf.get(one.key) ?? (hasBytes ? NOTHING_YET : one);
      bytesSoFar += Math.max(0, one.bytes - before.bytes);
      pieces += Math.max(0, one.received - before.received) || Math.max(0, one.sent - before.sent);
    }
    bytesOf.clear();
    for (const [key, value] of now) bytesOf.set(key, value);
    hasBytes = true;
    bytes = bytesSoFar;
  }

  function noteFacts({ listening, mayLook, hasOtherSockets }: TreeView, table: ProcessTable): void {
    const as = listening.map(({ inode }) => inode).join();
    const shared =
      as === sharedAs
        ? facts.shared
        : isHeldOutside(listening, tree.members, table, oneOfEachNetwork(tree.members));
    sharedAs = as;
    facts = {
      listens: mayLook ? [...new Set(listening.map(({ local }) => formatEndpoint(local)))] : undefined,
      shared,
      onlyLocal: listening.every(({ local }) => isLoopback(local.address)),
      hasOtherSockets,
      size: tree.members.length,
    };
  }
}

/** The sockets of a tree at one moment. */
interface TreeView {
  readonly mayLook: boolean;
  readonly inodes: ReadonlySet<number>;
  readonly listening: readonly TcpSocket[];
  /** Undefined when it listens nowhere: then its own connections are what it is used by. */
  readonly ports: ReadonlySet<number> | undefined;
  /** Of clients outside of the tree, other than squall. */
  readonly accepted: readonly TcpSocket[];
  readonly closed: readonly { readonly client: TcpSocket['remote']; readonly at: number }[];
  readonly hasOtherSockets: boolean;
  /** One pid of each network namespace that the tree is in. */
  readonly networks: readonly number[];
  readonly counts: (one: SocketBytes) => boolean;
}

/** @param now when the rows were read */
function viewOf(
  { members }: ProcessTree,
  networks: readonly number[],
  rows: readonly TcpRow[],
  now: number,
): TreeView {
  const held = members.map(({ pid }) => socketInodesOf(pid));
  const inodes = new Set(held.flatMap((one) => [...(one ?? [])]));
  const sockets = socketsAround(rows, inodes);
  const listening = sockets.filter(({ state, inode }) => state === 'listening' && inodes.has(inode));
  const ports = new Set(listening.map(({ local }) => local.port));
  const ours = sockets.filter(({ state, inode }) => state === 'established' && inodes.has(inode));
  /** Where the tree's own connections begin: who comes from there is no client. */
  const inside = new Set(ours.filter(({ local }) => !ports.has(local.port)).map(({ local }) => local.port));
  const isClient = (port: number) => !inside.has(port) && !isOwnPort(port);
  const accepted = sockets.filter(
    ({ state, local, remote, inode }) =>
      state === 'established' &&
      ports.has(local.port) &&
      (inode === 0 || inodes.has(inode)) &&
      isClient(remote.port),
  );
  const closed = sockets.flatMap(({ closedMsAgo, local, remote }) => {
    if (closedMsAgo === undefined) return [];
    const at = now - closedMsAgo;
    if (ports.has(local.port)) return isClient(remote.port) ? [{ client: remote, at }] : [];
    const isHere = isLoopback(remote.address) || remote.address === local.address;
    return isHere && ports.has(remote.port) && isClient(local.port) ? [{ client: local, at }] : [];
  });
  return {
    mayLook: !held.includes(null),
    inodes,
    listening,
    ports: ports.size === 0 ? undefined : ports,
    accepted,
    closed,
    hasOtherSockets: ports.size === 0 && hasSilentSockets(members, inodes),
    networks,
    counts: ({ localPort, remotePort, inode }) =>
      ports.size === 0
        ? inodes.has(inode) && !isInner(localPort, remotePort)
        : ports.has(localPort) && (inode === 0 || inodes.has(inode)) && isClient(remotePort),
  };

  function isInner(localPort: number, remotePort: number): boolean {
    return ours.some(({ local, remote }) => local.port === remotePort && remote.port === localPort);
  }
}

function isLoopback(address: string): boolean {
  return /^(127\.|::1$|::ffff:127\.)/.test(address);
}
