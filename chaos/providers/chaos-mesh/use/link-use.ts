import type { Use } from '../../../provider.ts';
import type { PodLook } from './pod-use.ts';

/** The looks at the pods of one end, and the addresses of the other. */
export interface LinkEnd {
  readonly name: string;
  readonly looks: readonly (readonly PodLook[])[];
  readonly isOther: (address: string) => boolean;
}

/**
 * Were the two ends connected? Sockets stay in the table for a minute after their end, on the side that closed first: what is new
 * after the first look was opened since, and what had ended by then says nothing.
 */
export function useOfLink(name: string, ends: readonly LinkEnd[]): Use {
  const measured = ends.filter(({ looks }) => looks.some((one) => one.length > 1));
  if (measured.length === 0)
    return { inUse: null, seen: [`${name}: the connections of its pods could not be read twice`] };
  let opened = 0;
  let kept = 0;
  for (const { looks, isOther } of measured) {
    for (const one of looks) {
      const [first, ...later] = one.map(
        ({ net }) => new Set([...net.connections].filter((c) => isOther(remoteOf(c)))),
      );
      if (first === undefined || later.length === 0) continue;
      const since = new Set(later.flatMap((look) => [...look]));
      opened += [...since].filter((connection) => !first.has(connection)).length;
      kept += [...(one[0]?.net.established ?? [])].filter((connection) => first.has(connection)).length;
    }
  }
  const seconds = spanSeconds(measured);
  const seen = [
    `${name}: ${opened} connections between its ends were opened in ${seconds} s, ${kept} were open before`,
  ];
  if (opened > 0) return { inUse: true, seen };
  // What passes through a connection is not counted by the kernel's tables.
  if (kept > 0)
    return { inUse: null, seen: [...seen, `${name}: whether anything passed through those cannot be told`] };
  // With one end only, an address of a Service may stand in the other's place.
  return { inUse: false, seen };
}

function remoteOf(connection: string): string {
  const remote = connection.slice(connection.indexOf(' ') + 1);
  return remote.slice(0, remote.lastIndexOf(':'));
}

function spanSeconds(ends: readonly LinkEnd[]): string {
  const times = ends.flatMap(({ looks }) => looks.flat().map(({ at }) => at));
  return ((Math.max(...times) - Math.min(...times)) / 1000).toFixed(1);
}
