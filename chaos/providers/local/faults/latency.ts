import type { FaultOf } from '../../../faults/index.ts';
import { many } from '../../../many.ts';
import type { PreparedFault } from '../../../prepared-fault.ts';
import { waitUntil } from '../../../wait-until.ts';
import { type ActiveEffect, bothDirections } from '../link/effect.ts';
import type { NamedLink } from '../link/link.ts';
import { localFault } from './kind.ts';
import { prepareLinkFault, resolveLink } from './link-fault.ts';

type LatencyParams = FaultOf<'latency'>['params'];

export const latency = localFault('latency', {
  hits: ['link'],
  resolve: resolveLink,
  prepare: ({ fault, link }) => prepareLatency(fault.name, link(), fault.params),
});

/**
 * Delays every piece that passes, each direction by itself and in order. The kernel's handshake is not delayed: a client connects as
 * fast as ever and waits for its answers.
 */
function prepareLatency(fault: string, named: NamedLink, params: LatencyParams): PreparedFault {
  const directions = params.direction === 'both' ? bothDirections : [params.direction];
  const jitterMs = params.jitter ?? 0;
  const effect = { kind: 'latency', directions, delayMs: params.delay, jitterMs } as const;
  return prepareLinkFault(fault, named, {
    effect,
    async prove(active, signal) {
      const at = await waitUntil(() => delayedAsAsked(active, params.delay - jitterMs), {
        signal,
        everyMs: 5,
        otherwise: () => `of a latency on ${named.name}: ${seenOf(active)}`,
      });
      const asked = `${params.delay} ms${jitterMs > 0 ? ` ± ${jitterMs} ms` : ''}`;
      return { at, seen: [`${named.name}: ${seenOf(active)}; asked for ${asked}`] };
    },
  });
}

/** Measured on the bytes that passed; without traffic there is nothing to measure and no evidence. */
function delayedAsAsked({ delayed }: ActiveEffect, leastMs: number): number | undefined {
  return delayed.pieces > 0 && delayed.minMs >= leastMs ? delayed.firstAt : undefined;
}

function seenOf({ delayed }: ActiveEffect): string {
  if (delayed.pieces === 0) return 'no bytes passed the link';
  const mean = delayed.sumMs / delayed.pieces;
  return `${many(delayed.pieces, 'piece')} took ${mean.toFixed(1)} ms on average inside the link (${delayed.minMs.toFixed(1)} to ${delayed.maxMs.toFixed(1)} ms)`;
}
