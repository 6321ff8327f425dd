import { many } from '../../../many.ts';
import type { Use } from '../../../provider.ts';
import { anyInUse } from '../../../use/any-in-use.ts';
import { cameWithLoad, notWithLoad, type Stretch } from '../../../use/with-load.ts';
import type { NetCounters } from './net-tables.ts';

/** One reading of one pod. */
export interface PodLook {
  readonly at: number;
  readonly net: NetCounters;
}

/** What is known of a pod whose use is asked for. */
export interface UsedPod {
  readonly name: string;
  /** How often its kubelet connects to it, per second: probes by HTTP, TCP and gRPC. */
  readonly probesPerSecond: number;
  readonly looks: readonly PodLook[];
  /** Those from before the load. */
  readonly before: readonly PodLook[];
  /** Why there are none, or no more. */
  readonly trouble: string | undefined;
}

/** Shorter than this, a single packet of the cluster itself would weigh too much. */
const LEAST_SPAN_MS = 1_500;
/** Address resolution, neighbours, multicast: a pod that nobody uses gets a packet in 15 s on a quiet network. */
const NOISE_PACKETS = 8;
const NOISE_PACKETS_PER_SECOND = 0.5;
/** A probe by HTTP takes 5 to 7 packets; a large answer takes more. */
const PROBE_PACKETS = 10;
/** What comes from outside takes as many at least, to open and to end: fewer, and something in the pod talks to itself. */
const PACKETS_OF_AN_OPEN = 3;

/**
 * Did the load use this pod? Connections that were opened tell best: the kubelet's are known. A client that keeps its connection shows
 * in the packets. Both have to come clearly more often than before the load, and more often than what need not have shown then.
 */
export function useOfPod({ name, probesPerSecond, looks, before, trouble }: UsedPod): Use {
  const first = looks[0];
  const last = looks.at(-1);
  const spanMs = first === undefined || last === undefined ? 0 : last.at - first.at;
  if (first === undefined || last === undefined || spanMs < LEAST_SPAN_MS) {
    const why = trouble ?? `it was seen for ${(spanMs / 1000).toFixed(1)} s only`;
    return { inUse: null, seen: [`${name}: its network could not be measured: ${why}`] };
  }
  const seconds = spanMs / 1000;
  const opens = last.net.opens - first.net.opens;
  const packets = last.net.packets - first.net.packets;
  const bytes = last.net.bytes - first.net.bytes;
  if (opens < 0 || packets < 0)
    return { inUse: null, seen: [`${name}: its network began anew while it was measured`] };
  const probes = probesPerSecond * seconds;
  const took = `${many(opens, 'connection')} and ${many(packets, 'packet')} (${many(bytes, 'byte')}) came in ${seconds.toFixed(1)} s`;
  const ofProbes = probesPerSecond > 0 ? `, about ${Math.round(probes)} of them health checks` : '';
  const seen = [`${name}: ${took}${opens > 0 ? ofProbes : ''}`];
  // One more for each that lies at the edge, twice for jitter of the kubelet.
  const opensOfProbes = probesPerSecond === 0 ? 0 : Math.ceil(probes * 1.2) + 2;
  const isOpened = opens > opensOfProbes && packets >= opens * PACKETS_OF_AN_OPEN;
  const idlePackets = NOISE_PACKETS + NOISE_PACKETS_PER_SECOND * seconds + PROBE_PACKETS * opensOfProbes;
  if (isOpened || packets > idlePackets) {
    const [ofOpens, ofPackets] = [counted(looks, before, opensIn), counted(looks, before, exchangesIn)];
    if ((isOpened && cameWithLoad(ofOpens)) || cameWithLoad(ofPackets)) return { inUse: true, seen };
    return { inUse: null, seen: [...seen, `${name}: ${notWithLoad(ofOpens)}`] };
  }
  const kept = keptOpen(looks);
  if (kept === 0) return { inUse: false, seen };
  return {
    inUse: null,
    seen: [
      ...seen,
      `${name}: ${many(kept, 'connection')} stayed open, and what came is not more than health checks make`,
    ],
  };
}

type Between = (first: NetCounters, last: NetCounters) => number;

const opensIn: Between = (first, last) => last.opens - first.opens;
/** On a connection that is kept, with what the network does by itself. */
const exchangesIn: Between = (first, last) => (last.packets - first.packets) / PROBE_PACKETS;

function counted(looks: readonly PodLook[], before: readonly PodLook[], by: Between) {
  const fromLookToLook = (some: readonly PodLook[]): Stretch[] =>
    some.slice(1).map((last, index) => {
      const first = some[index] ?? last;
      return { count: by(first.net, last.net), ms: last.at - first.at };
    });
  return { before: fromLookToLook(before), parts: fromLookToLook(looks) };
}

/** Connections that each look has found. */
function keptOpen(looks: readonly PodLook[]): number {
  const [first, ...others] = looks;
  const isEverywhere = (one: string) => others.every(({ net }) => net.established.has(one));
  const isFromOutside = (one: string) => !/(^| )(127\.|0{31}1:)/.test(one);
  return [...(first?.net.established ?? [])].filter((one) => isEverywhere(one) && isFromOutside(one)).length;
}

export function useOfAll(uses: readonly Use[], nothing: string): Use {
  if (uses.length === 0) return { inUse: null, seen: [nothing] };
  return { inUse: anyInUse(uses), seen: uses.flatMap(({ seen }) => seen).slice(0, 20) };
}
