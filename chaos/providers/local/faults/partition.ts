import type { FaultOf } from '../../../faults/index.ts';
import { many } from '../../../many.ts';
import { type Evidence, type PreparedFault, ProviderError } from '../../../prepared-fault.ts';
import { waitUntil } from '../../../wait-until.ts';
import { type ActiveEffect, bothDirections, type Direction, type LinkEffect } from '../link/effect.ts';
import type { Link, NamedLink } from '../link/link.ts';
import { probeLink } from '../link/probe.ts';
import { localFault } from './kind.ts';
import { prepareLinkFault, resolveLink } from './link-fault.ts';

type PartitionParams = FaultOf<'partition'>['params'];

export const partition = localFault('partition', {
  hits: ['link'],
  resolve(request) {
    refuseOneWay(request.fault.params);
    return resolveLink(request);
  },
  prepare: ({ fault, link }) => preparePartition(fault.name, link(), fault.params),
});

/** A cut must hold this long under our eyes before it counts: nothing gets through meanwhile. */
const holdMs = 50;

/**
 * Three different things. blackhole: nothing gets through, silently; unlike with dropped packets, the kernel here still
 * completes the handshake of new connections, so time-outs on connecting do not fire, those on answers do. reset: both ends get a RST.
 * refuse: ECONNREFUSED, as from a machine where nobody listens.
 */
function preparePartition(fault: string, named: NamedLink, params: PartitionParams): PreparedFault {
  refuseOneWay(params);
  const directions = params.direction === 'both' ? bothDirections : [params.direction];
  const effect: LinkEffect =
    params.mode === 'blackhole' ? { kind: 'blackhole', directions } : { kind: params.mode };
  const prove = (active: ActiveEffect, signal: AbortSignal) =>
    effect.kind === 'blackhole'
      ? proveBlackhole(named, active, directions, signal)
      : proveRejection(named, active, signal);
  return prepareLinkFault(fault, named, { effect, prove });
}

function refuseOneWay({ mode, direction }: PartitionParams): void {
  if (mode === 'blackhole' || direction === 'both') return;
  throw new ProviderError(`a partition by ${mode} has no direction: it ends the whole connection`, {
    fix: 'leave out params.direction, or use mode: blackhole',
  });
}

async function proveBlackhole(
  { name, link }: NamedLink,
  active: ActiveEffect,
  directions: readonly Direction[],
  signal: AbortSignal,
): Promise<Evidence> {
  // A connection of our own shows the cut when there is no traffic: towards the upstream it must not be carried.
  const probe = directions.includes('to') ? probeLink(link.address, holdMs) : undefined;
  const at = await waitUntil(
    () => {
      if (leaked(link, active, directions)) return undefined;
      const firstAt = Math.min(active.withheld.firstAt ?? Infinity, active.hit.firstAt ?? Infinity);
      return Date.now() - firstAt >= holdMs ? firstAt : undefined;
    },
    { signal, everyMs: 5, otherwise: () => `of a blackhole on ${name}: ${seenOf(link, active, directions)}` },
  );
  await probe;
  return { at, seen: [`${name}: ${seenOf(link, active, directions)}`] };
}

function leaked(link: Link, { passedBefore }: ActiveEffect, directions: readonly Direction[]): boolean {
  const { passed } = link.reading();
  const bytes = directions.some((direction) => passed[direction] > passedBefore[direction]);
  return bytes || (directions.includes('to') && passed.connects > passedBefore.connects);
}

function seenOf(link: Link, active: ActiveEffect, directions: readonly Direction[]): string {
  const { withheld, hit } = active;
  const through = leaked(link, active, directions) ? 'something came through' : 'nothing came through';
  return `${withheld.bytes} bytes withheld, ${many(hit.connections, 'new connection')} not carried, ${through} (${directions.join(' and ')} the upstream)`;
}

/** A client sees reset and refuse at once; the link's record shows that it was the fault, not a dead upstream. */
async function proveRejection(
  { name, link }: NamedLink,
  active: ActiveEffect,
  signal: AbortSignal,
): Promise<Evidence> {
  const expected = active.effect.kind === 'reset' ? 'reset' : 'refused';
  let last = '';
  const probe = await waitUntil(
    async () => {
      const seen = await probeLink(link.address, 250);
      last = seen.outcome;
      const byEffect = expected === 'refused' ? !link.reading().listening : active.hit.connections > 0;
      return last === expected && byEffect ? seen : undefined;
    },
    {
      signal,
      everyMs: 10,
      otherwise: () => `of a ${active.effect.kind} on ${name}: a new connection was ${last}`,
    },
  );
  const { connections, firstAt } = active.hit;
  const existing =
    expected === 'refused'
      ? `${many(connections, 'existing connection')} closed`
      : `${many(connections, 'connection')} reset`;
  return {
    at: Math.min(firstAt ?? probe.at, probe.at),
    seen: [`${name}: a new connection was ${expected}; ${existing}`],
  };
}
