import type { Target, Use, UseWatch } from '../../../provider.ts';
import { createLooks } from './looks.ts';
import { secondsText } from './text.ts';

/** What clients of one node of a data store did so far, squall, replication and supervision left out. */
export interface StoreCounters {
  readonly role: 'primary' | 'standby';
  /** Of clients that are connected. */
  readonly clients: number;
  /** When one of them last did something, in epoch milliseconds; 0 for never. */
  readonly activeAt: number;
  /** Sessions or commands of clients so far: also of those that came and went between two looks. */
  readonly done: number;
  /** What `done` has to grow by beyond doubt. */
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
  let looking: Promise<unknown> | undefined;
  const look = () => {
    looking ??= Promise.all([...watched.values()].map(lookAt)).finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
  void look();
  return {
    async between(targets, from, to) {
      await look();
      const uses = targets.map((target) => useOf(target, from, to));
      const inUse =
        uses.some((use) => use.inUse === true) || (uses.every((use) => use.inUse === false) ? false : null);
      return { inUse: uses.length === 0 ? null : inUse, seen: uses.flatMap(({ seen }) => seen) };
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

  function useOf({ identity, label }: Target, from: number, to: number): Use {
    const node = watched.get(String(identity.pidFile));
    const around = node?.looks.around(from, to);
    if (node === undefined || around === undefined || around.last.at - around.first.at < LEAST_MS) {
      return {
        inUse: null,
        seen: [`${label}: what uses it could not be measured (${node?.problem ?? 'unknown'})`],
      };
    }
    const { first, last } = around;
    const { role, clients, activeAt, certain, blind } = last.counters;
    const done = Math.max(0, last.counters.done - first.counters.done);
    const inUse = done > certain || activeAt >= first.at;
    const did = `as ${role}, ${clients} ${clients === 1 ? 'client' : 'clients'} connected, ${done} ${options.unit} of clients in ${secondsText(last.at - first.at)}`;
    if (!inUse && blind !== undefined) return { inUse: null, seen: [`${label}: ${did}; ${blind}`] };
    return { inUse, seen: [`${label}: ${inUse ? did : `nothing used it: ${did}`}`] };
  }
}

interface Watched {
  readonly reader: StoreReader;
  readonly looks: ReturnType<typeof createLooks<StoreCounters>>;
  problem: string;
}
