import { isSame, type ProcessIdentity, type ProcessStat } from '../../../process-identity.ts';
import { type ProcessTable, readTable } from './process-table.ts';

/** Where to begin: a process, and what earlier looks found of its tree. */
export interface TreeSeed {
  readonly root: ProcessIdentity;
  readonly members: readonly ProcessIdentity[];
  /** Sessions and process groups whose leader is, or was, one of the members. */
  readonly sessions: readonly number[];
  readonly groups: readonly number[];
}

export interface ProcessTree extends TreeSeed {
  /** Those that live, parents before their children. */
  readonly members: readonly ProcessStat[];
}

/**
 * The processes that belong to `root`:
 * - its children, theirs, and so on;
 * - whoever is in a session or process group that one of these leads. So a child whose parent has died (pid 1 or a sub-reaper has it
 *   now) still belongs. A session or group that someone else leads says nothing: a process that was started by a shell or a script
 *   shares both with its siblings, and with whoever started squall.
 *
 * Squall never belongs: not this process, what started it, what shares its session or group, or what it started itself (unless that
 * descends from the root). Ended members stay in the seed, so that what they led is still found after them.
 */
export function growTree(seed: TreeSeed, table: ProcessTable = readTable()): ProcessTree {
  const own = ownProcesses(table);
  const members = new Map<number, ProcessStat>();
  const sessions = new Set(seed.sessions.filter((pid) => mayStillBeLed(pid, seed, table)));
  const groups = new Set(seed.groups.filter((pid) => mayStillBeLed(pid, seed, table)));
  for (const known of [seed.root, ...seed.members]) {
    const row = table.get(known.pid);
    if (row !== undefined && isSame(row, known) && !own.ancestors.has(row.pid)) add(row);
  }
  for (let before = -1; before < members.size; ) {
    before = members.size;
    for (const row of table.values()) if (!members.has(row.pid) && belongs(row)) add(row);
  }
  return {
    root: seed.root,
    members: parentsFirst(members, seed.root),
    sessions: [...sessions],
    groups: [...groups],
  };

  function add(row: ProcessStat): void {
    members.set(row.pid, row);
    if (row.session === row.pid && !own.sessions.has(row.pid)) sessions.add(row.pid);
    if (row.group === row.pid && !own.groups.has(row.pid)) groups.add(row.pid);
  }

  function belongs(row: ProcessStat): boolean {
    if (row.pid <= 2 || row.parent === KTHREADD || own.ancestors.has(row.pid)) return false;
    if (members.has(row.parent)) return true;
    return (sessions.has(row.session) || groups.has(row.group)) && !own.started(row);
  }
}

/** The tree of a process of which nothing else is known yet. */
export function treeOf(root: ProcessIdentity, table?: ProcessTable): ProcessTree {
  return growTree({ root, members: [], sessions: [], groups: [] }, table);
}

/** The process alone: what `only: parent` asks for. */
export function loneTree(root: ProcessIdentity, table: ProcessTable = readTable()): ProcessTree {
  const row = table.get(root.pid);
  const members = row !== undefined && isSame(row, root) ? [row] : [];
  return { root, members, sessions: [], groups: [] };
}

/** The parent of the kernel's own threads. */
const KTHREADD = 2;

/**
 * The kernel gives the number of a session or group to no new process while one is in it. A live process with that number which is not
 * the member that we know is a later one: what we knew is gone.
 */
function mayStillBeLed(pid: number, seed: TreeSeed, table: ProcessTable): boolean {
  const row = table.get(pid);
  return row === undefined || [seed.root, ...seed.members].some((known) => isSame(known, row));
}

function ownProcesses(table: ProcessTable) {
  const ancestors = new Set<number>();
  const sessions = new Set<number>();
  const groups = new Set<number>();
  for (let pid = process.pid; pid > 0 && !ancestors.has(pid); pid = table.get(pid)?.parent ?? 0) {
    ancestors.add(pid);
    const row = table.get(pid);
    if (row === undefined) continue;
    sessions.add(row.session);
    groups.add(row.group);
  }
  return {
    ancestors,
    sessions,
    groups,
    started(row: ProcessStat): boolean {
      const seen = new Set<number>();
      for (let pid = row.parent; pid > 1 && !seen.has(pid); pid = table.get(pid)?.parent ?? 0) {
        if (pid === process.pid) return true;
        seen.add(pid);
      }
      return false;
    },
  };
}

function parentsFirst(members: ReadonlyMap<number, ProcessStat>, root: ProcessIdentity): ProcessStat[] {
  const depthOf = (row: ProcessStat): number => {
    let depth = 1;
    for (let at = row; depth <= members.size; depth += 1) {
      const parent = members.get(at.parent);
      if (parent === undefined) break;
      at = parent;
    }
    return row.pid === root.pid ? 0 : depth;
  };
  return [...members.values()]
    .map((row) => ({ row, depth: depthOf(row) }))
    .sort((one, other) => one.depth - other.depth || one.row.pid - other.row.pid)
    .map(({ row }) => row);
}
