import { isAlive, isSame, type ProcessIdentity } from '../../../process-identity.ts';
import type { Target, Use, UseWatch, UseWindow } from '../../../provider.ts';
import { anyInUse } from '../../../use/any-in-use.ts';
import type { Pair } from '../../../use/looks.ts';
import { createQuiet } from '../../../use/quiet.ts';
import { findProcess } from '../processes/find-process.ts';
import { processTarget } from '../processes/find-processes.ts';
import type { Finder } from '../processes/finder.ts';
import { readTableAside } from '../processes/process-table.ts';
import { judgeTree, type TreeStretch } from './judge-tree.ts';
import { watchOwnConnections } from './own-connections.ts';
import { createSocketTables } from './socket-tables.ts';
import { createTreeMeter, type TreeCounters, type TreeMeter } from './tree-meter.ts';

const LOOK_EVERY_MS = 500;
/** `ss` is a process of its own, and tells of each connection: where looks take so long, it is asked less often. */
const SLOW_MS = 200;
const BYTES_EVERY_LOOKS = 2;
/** A component that is restarted again and again must not fill the memory. */
const MOST_ROOTS = 50;
/** Less was watched for too short a time to say that nothing happened. */
const LEAST_MS = 500;

/** A tree, and how its process is known: the next one that is known like this takes its place. */
interface Metered {
  readonly finder: Finder;
  readonly meter: TreeMeter;
}

/**
 * What uses a component's processes, each with its tree. In use is a tree that listens somewhere and whose clients, outside of the tree
 * and other than squall, sent or got payload, or came newly, and did so clearly more often than before the load. A tree that listens
 * nowhere (a consumer of a queue, say) is used by what its own connections carry. Processor time alone shows use only where sockets
 * cannot be measured. Where it was like that before the load, or at a pace that health checks reach alone, nobody can tell whose use it was.
 */
export function watchProcesses(finders: readonly Finder[], alone = false): UseWatch {
  const forgetOwn = watchOwnConnections();
  const beginLook = createSocketTables();
  const metered: Metered[] = [];
  const quiet = createQuiet();
  const known = new Map<Finder, ProcessIdentity>();
  const ended = new AbortController();
  let looked = 0;
  let isSlow = false;
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => void look(false), LOOK_EVERY_MS).unref();
  void look(true);
  return {
    ready: quiet.seen,
    async between(targets, window) {
      await looking;
      await look(true);
      const wanted = targets.flatMap((target) => meteredOf(target));
      const uses = wanted.map(({ one, label }) => useOf(one, label, window, beforeLoad(one, window)));
      return together(uses);
    },
    async close() {
      clearInterval(timer);
      ended.abort();
      await looking;
      forgetOwn();
    },
  };

  function look(withBytes: boolean): Promise<void> {
    looking ??= lookOnce(withBytes || !isSlow || looked % BYTES_EVERY_LOOKS === 0)
      .catch(() => {}) // Whatever could not be read is missing from the result at the end.
      .finally(() => {
        looking = undefined;
        quiet.looked();
      });
    return looking;
  }

  async function lookOnce(withBytes: boolean): Promise<void> {
    looked += 1;
    const began = performance.now();
    for (const one of finders) {
      // Only a pid file is so quick to read that it can be asked each time.
      if (one.pidFile === undefined && isStillThere(known.get(one))) continue;
      const found = await findProcess(one, ended.signal).catch(() => undefined);
      if (found === undefined || 'missing' in found) continue;
      const { process: root } = found;
      known.set(one, root);
      if (meteredAs(root) !== undefined) continue;
      metered.push({ finder: one, meter: createTreeMeter(root, alone) });
      // Not the first ones: they know what was there before the load.
      if (metered.length > MOST_ROOTS) metered.splice(finders.length, 1);
    }
    const table = await readTableAside();
    const sockets = beginLook();
    await Promise.all(metered.map(({ meter }) => meter.look(table, sockets, withBytes)));
    if (withBytes) isSlow = performance.now() - began > SLOW_MS;
  }

  /** A target that is the machine stands for all of the component's processes. */
  function meteredOf({ identity, label }: Target): { one: Metered | undefined; label: string }[] {
    const parsed = processTarget.safeParse(identity);
    if (parsed.success) return [{ one: meteredAs(parsed.data), label }];
    return metered.map((one) => ({ one, label: `pid ${one.meter.root.pid}` }));
  }

  function meteredAs(root: ProcessIdentity): Metered | undefined {
    return metered.find(({ meter }) => isSame(meter.root, root));
  }

  /** Of a process that was started again, its predecessor's. */
  function beforeLoad(one: Metered | undefined, { quiet: span }: UseWindow): Pair<TreeCounters>[] {
    const same = metered.filter(({ finder }) => finder === one?.finder);
    return same.map(({ meter }) => meter.looks.within(span)).find((pairs) => pairs.length > 0) ?? [];
  }
}

function isStillThere(found: ProcessIdentity | undefined): boolean {
  return found !== undefined && isAlive(found);
}

export function together(uses: readonly Use[]): Use {
  if (uses.length === 0) return { inUse: null, seen: ['nothing was there to be watched'] };
  return { inUse: anyInUse(uses), seen: uses.flatMap(({ seen }) => seen) };
}

function useOf(
  one: Metered | undefined,
  label: string,
  window: UseWindow,
  before: readonly Pair<TreeCounters>[],
): Use {
  const around = one?.meter.looks.around(window.from, window.to);
  if (one === undefined || around === undefined || around.last.at - around.first.at < LEAST_MS) {
    return {
      inUse: null,
      seen: [`${label} was not watched for long enough to say whether anything used it`],
    };
  }
  const { meter } = one;
  const [first, last] = [around.first.counters, around.last.counters];
  const isKnown = first.bytes !== undefined && last.bytes !== undefined;
  const difference = {
    ...stretchOf(around),
    bytes: isKnown ? (last.bytes ?? 0) - (first.bytes ?? 0) : undefined,
    clients: last.clients,
    unaccepted: last.unaccepted,
    withBytes: last.withBytes,
    before: before.map(stretchOf),
    parts: meter.looks.parts(window, ({ withBytes }) => withBytes).map(stretchOf),
  };
  const { inUse, said } = judgeTree(difference, meter.facts());
  const tree = meter.facts().size > 1 ? ` (${meter.facts().size} processes)` : '';
  return { inUse, seen: [`${label}${tree}: ${said}`] };
}

function stretchOf({ first, last }: Pair<TreeCounters>): TreeStretch {
  const by = (what: 'connections' | 'owned' | 'pieces' | 'cpuMs') =>
    last.counters[what] - first.counters[what];
  return {
    ms: last.at - first.at,
    connections: by('connections'),
    owned: by('owned'),
    pieces: by('pieces'),
    cpuMs: by('cpuMs'),
  };
}
