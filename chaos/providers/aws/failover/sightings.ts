import type { Evidence } from '../../../provider.ts';
import { type AwsEvent, keyOf } from '../calls/parts.ts';
import type { AwsClock } from '../clock.ts';
import type { Order } from '../order.ts';

/** An event that can only be of this order, on our clock. */
export interface Sighting {
  readonly text: string;
  readonly source: string;
  /** At the latest. */
  readonly at: number;
  readonly withinMs: number;
  /** For the report: AWS's words, and how long after the order. */
  readonly sentence: string;
}

/** Reads what is there before an order; afterwards, looks for what has come since. */
export async function watchEvents(
  read: (signal: AbortSignal) => Promise<readonly AwsEvent[]>,
  clock: AwsClock,
  signal: AbortSignal,
): Promise<(order: Order, signal: AbortSignal) => Promise<Sighting[]>> {
  const before = known(await read(signal));
  return async (order, abort) => sightings(await read(abort), before, order, clock);
}

/** What was there before the order. */
export type Known = ReadonlySet<string>;

export function known(events: readonly AwsEvent[]): Known {
  return new Set(events.map(keyOf));
}

/**
 * Events after the order, in the order of their times: events come late and out of order, and have no identifier. One that was there
 * before, or that is older by all that is known of the two clocks, is of another failover.
 */
export function sightings(
  events: readonly AwsEvent[],
  before: Known,
  { sentAt }: Order,
  clock: AwsClock,
): Sighting[] {
  return events
    .filter((event) => !before.has(keyOf(event)))
    .map((event) => ({ ...event, ...clock.ours(event.atAws) }))
    .filter(({ at }) => at >= sentAt)
    .sort((a, b) => a.at - b.at)
    .map(({ text, source, at, withinMs }) => {
      const late = Math.min(at, Date.now());
      const blurMs = Math.min(withinMs, late - sentAt);
      return {
        text,
        source,
        at: late,
        withinMs: Math.max(0, blurMs),
        sentence: sentenceOf(text, late - sentAt, blurMs),
      };
    });
}

/** Evidence by the time that AWS wrote beside an event. */
export function byEvent({ at, withinMs, sentence }: Sighting, more: readonly string[] = []): Evidence {
  return { at, withinMs, seen: [sentence, ...more] };
}

/** The fault may have been felt so much earlier than AWS writes, but not before the order. */
export function atMostEarlier(evidence: Evidence, ms: number, { sentAt }: Order): Evidence {
  return { ...evidence, withinMs: Math.min(evidence.at - sentAt, (evidence.withinMs ?? 0) + ms) };
}

function sentenceOf(text: string, afterMs: number, blurMs: number): string {
  const after = `${(afterMs / 1_000).toFixed(1)} s after the order`;
  return `AWS: "${text}" ${after}${blurMs >= 100 ? ` (or up to ${(blurMs / 1_000).toFixed(1)} s earlier)` : ''}`;
}
