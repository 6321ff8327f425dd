import type { Target, Use, UseWatch, UseWindow } from '../../../provider.ts';
import { anyInUse } from '../../../use/any-in-use.ts';
import { createLooks, type Pair } from '../../../use/looks.ts';
import { createQuiet } from '../../../use/quiet.ts';
import { cameWithLoad, notWithLoad, type Stretch } from '../../../use/with-load.ts';
import { beforeText, secondsText } from './text.ts';

/** What clients of one node of a data store did so far, squall, replication and supervision left out. */
export interface StoreCounters {
  readonly role: 'primary' | 'standby';
  /** Of clients that are connected. */
  readonly clients: number;
  /** When one of them last did something, in epoch milliseconds; 0 for never. */
  readonly activeAt: number;
  /** Transactions or commands of clients so far: also of those that came and went between two looks. */
  readonly done: number;
  /** Sessions or commands of clients so far: that there is anybody at all. */
  readonly came: number;
  /** What `came` has to grow by beyond doubt. */
  readonly certain: number;
  /** Why clients may be there that cannot be seen. */
  readonly blind: string | undefined;
}

export interface StoreReader {
  /** @throws when it cannot be asked */
  read(): Promise<StoreCounters>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
const LEAST_MS = 500;
/** PostgreSQL counts what a session did up to a second later; and with two looks only, bursts would not show as such. */
const QUIET_MS = 2_800;

/** What uses the nodes of a data store, by asking each of them. */
export function watchStore(options: {
  /** By pid file, which is how targets name their node. */
  readonly nodes: ReadonlyMap<string, StoreReader>;
  /** What `done` counts, e.g. `commands`. */
  readonly unit: string;
}): UseWatch {
  const watched = new Map(
    [...options.nodes].map(([pidFile, reader]) => [
      pidFile,
      { reader, looks: createLooks<StoreCounters>(), problem: 'it has not answered yet' },
    ]),
  );
  const quiet = createQuiet(QUIET_MS);
  let looking: Promise<unknown> | undefined;
  const look = () => {
    looking ??= Promise.all([...watched.values()].map(lookAt)).finally(() => {
      looking = undefined;
      quiet.looked();
    });
    return looking;
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
  void look();
  return {
    ready: quiet.seen,
    async between(targets, window) {
      await look();
      const uses = targets.map((target) => useOf(target, window));
      return { inUse: anyInUse(uses), seen: uses.flatMap(({ seen }) => seen) };
    },
    async close() {
      clearInterval(timer);
      await looking;
      await Promise.allSettled([...watched.values()].map(({ reader }) => reader.close()));
    },
  };

  async function lookAt(node: Watched): Promise<void> {
    try {
      const counters = await node.reader.read();
      node.looks.add({ at: Date.now(), counters });
    } catch (error) {
      node.problem = (error as Error).message;
    }
  }

  function useOf({ identity, label }: Target, window: UseWindow): Use {
    const node = watched.get(String(identity.pidFile));
    const around = node?.looks.around(window.from, window.to);
    if (node === undefined || around === undefined || around.last.at - around.first.at < LEAST_MS) {
      return {
        inUse: null,
        seen: [`${label}: what uses it could not be measured (${node?.problem ?? 'unknown'})`],
      };
    }
    const before = node.looks.within(window.quiet);
    const seen = { around, parts: node.looks.parts(window), before };
    const { inUse, said } = judgeStore(seen, options.unit);
    return { inUse, seen: [`${label}: ${said}`] };
  }
}

interface SeenOfStore {
  readonly around: Pair<StoreCounters>;
  readonly parts: readonly Pair<StoreCounters>[];
  /** Before the load, look by look; none when it did not answer then. */
  readonly before: readonly Pair<StoreCounters>[];
}

/** The rule for one node. `unit`: what `done` counts. */
export function judgeStore(
  { around, parts, before }: SeenOfStore,
  unit: string,
): { inUse: boolean | null; said: string } {
  const { role, clients, activeAt, certain, blind } = around.last.counters;
  const counted = { before: before.map(doneIn), parts: parts.map(doneIn) };
  const { count, ms } = doneIn(around);
  const came = Math.max(0, around.last.counters.came - around.first.counters.came);
  const did = `as ${role}, ${clients} ${clients === 1 ? 'client' : 'clients'} connected, ${count} ${unit} of clients in ${secondsText(ms)}${beforeText(counted.before, unit)}`;
  if (cameWithLoad(counted)) return { inUse: true, said: did };
  if (came > certain || activeAt >= around.first.at)
    return { inUse: null, said: `${did}: ${notWithLoad(counted)}` };
  if (blind !== undefined) return { inUse: null, said: `${did}; ${blind}` };
  return { inUse: false, said: `nothing used it: ${did}` };
}

/** A store that was started again counts from 0. */
function doneIn({ first, last }: Pair<StoreCounters>): Stretch {
  return { count: Math.max(0, last.counters.done - first.counters.done), ms: last.at - first.at };
}

interface Watched {
  readonly reader: StoreReader;
  readonly looks: ReturnType<typeof createLooks<StoreCounters>>;
  problem: string;
}
