import { many } from '../../../many.ts';
import type { Use } from '../../../provider.ts';
import { cameWithLoad, notWithLoad, type Stretch } from '../../../use/with-load.ts';
import type { PodLook } from './pod-use.ts';

/** The looks at the pods of one end, and the addresses of the other. */
export interface LinkEnd {
  readonly name: string;
  readonly looks: readonly (readonly PodLook[])[];
  /** The same from before the load. */
  readonly before: readonly (readonly PodLook[])[];
  readonly isOther: (address: string) => boolean;
}

/**
 * Did the load make the two ends connect? What they do without it does not count. Sockets stay in the table for a minute after their end,
 * on the side that closed first: what is new after the first look was opened since, and what had ended by then says nothing.
 * @param doubt why connections may be there that nobody can see; left out: there are none
 */
export function useOfLink(name: string, ends: readonly LinkEnd[], doubt?: string): Use {
  const measured = ends.filter(({ looks }) => looks.some((one) => one.length > 1));
  if (measured.length === 0)
    return { inUse: null, seen: [`${name}: the connections of its pods could not be read twice`] };
  const known = ends.filter(({ before }) => before.some((one) => one.length > 1));
  const opened = openedIn(measured, ({ looks }) => looks);
  const before = known.length === 0 ? [] : [openedIn(known, (end) => end.before)];
  const kept = keptIn(measured);
  const seen = [
    `${name}: ${many(opened.count, 'connection between its ends was', 'connections between its ends were')} opened in ${(opened.ms / 1000).toFixed(1)} s, ${many(kept, 'was', 'were')} open before`,
  ];
  if (opened.count > 0) {
    // The near end may ask the far one for its health: that needs no load, and need not have shown before it.
    if (cameWithLoad({ before, parts: [opened] })) return { inUse: true, seen };
    return { inUse: null, seen: [...seen, `${name}: ${notWithLoad({ before })}`] };
  }
  // What passes through a connection is not counted by the kernel's tables.
  if (kept > 0)
    return { inUse: null, seen: [...seen, `${name}: whether anything passed through those cannot be told`] };
  if (doubt !== undefined)
    return { inUse: null, seen: [...seen, `${name}: whether there were others cannot be told: ${doubt}`] };
  return { inUse: false, seen };
}

type PodLooks = readonly (readonly PodLook[])[];

function openedIn(ends: readonly LinkEnd[], of: (end: LinkEnd) => PodLooks): Stretch {
  const times = ends.flatMap((end) => of(end).flatMap((one) => one.map(({ at }) => at)));
  let count = 0;
  for (const end of ends) {
    for (const [first, ...later] of of(end)) {
      if (first === undefined) continue;
      const since = new Set(later.flatMap(({ net }) => [...net.connections]));
      count += [...since].filter(
        (one) => end.isOther(remoteOf(one)) && !first.net.connections.has(one),
      ).length;
    }
  }
  return { count, ms: Math.max(...times) - Math.min(...times) };
}

function keptIn(ends: readonly LinkEnd[]): number {
  return ends.flatMap(({ looks, isOther }) =>
    looks.flatMap(([first, ...later]) =>
      later.length === 0 ? [] : [...(first?.net.established ?? [])].filter((one) => isOther(remoteOf(one))),
    ),
  ).length;
}

function remoteOf(connection: string): string {
  const remote = connection.slice(connection.indexOf(' ') + 1);
  return remote.slice(0, remote.lastIndexOf(':'));
}
