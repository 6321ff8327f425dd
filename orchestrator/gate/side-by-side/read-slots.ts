import { readRecording } from '../../samples/recording/recording.ts';
import { createView } from '../../samples/recording/view.ts';
import type { Side } from './slot-order.ts';
import { SLOT_TAG } from './switching-script.ts';

/** The requests of one name in one slot. */
export interface Slot {
  /** Of those that were answered as they should, in ms. */
  readonly durations: number[];
  /** Of all: 1 failed, 0 did not. */
  readonly failed: number[];
}

/** By the name of a request, then by the number of the slot. A name without a slot: it was sent, and never where a slot is looked at. */
export type Slots = ReadonlyMap<string, ReadonlyMap<number, Slot & { readonly side: Side }>>;

/** At the start of a slot connections are opened, and the other side's requests end: so much of it is not looked at. */
export const DROPPED_SHARE = 0.25;

/**
 * Reads the slots of a recording. A request belongs to the slot in which its iteration began. Left out are those that began in the first
 * quarter of it, or after its end. Of the warm-up only how many failed is taken, into the first slot of their side: a start that answers
 * errors at first is worse than one that does not, however fast both are later.
 * @returns also why the recording is not whole, or does not tell requests apart; null when it is and does
 */
export async function readSlots(
  recording: string,
  lengthMs: number,
): Promise<{ readonly slots: Slots; readonly problem: string | null }> {
  const slots = new Map<string, Map<number, Slot & { side: Side }>>();
  const warmUp = new Map<string, Record<Side, number[]>>();
  const view = createView(
    {
      wants: () => false,
      sample: () => {},
      request(set, end, durationMs, blockedMs, failed) {
        const at = placeOf(set.tags[SLOT_TAG]);
        if (!set.inLoad || at === null) return;
        const name = set.tags.name ?? '';
        const ofName = slots.get(name) ?? new Map<number, Slot & { side: Side }>();
        slots.set(name, ofName);
        if (at.number < 0) {
          const warming = warmUp.get(name) ?? { baseline: [], candidate: [] };
          warmUp.set(name, warming);
          warming[at.side].push(failed ? 1 : 0);
          return;
        }
        const since = end - durationMs - blockedMs - at.from;
        if (since < DROPPED_SHARE * lengthMs || since >= lengthMs) return;
        const slot = ofName.get(at.number) ?? { side: at.side, durations: [], failed: [] };
        ofName.set(at.number, slot);
        slot.failed.push(failed ? 1 : 0);
        if (!failed) slot.durations.push(durationMs);
      },
    },
    MOST_TAG_SETS,
  );
  const read = readRecording(recording, view);
  for await (const _ of read.steps);
  const { complete, detail } = await read.check();
  for (const [name, bySide] of warmUp) {
    const ofName = [...(slots.get(name) ?? [])].sort(([a], [b]) => a - b);
    for (const side of ['baseline', 'candidate'] as const)
      ofName.find(([, slot]) => slot.side === side)?.[1].failed.unshift(...bySide[side]);
  }
  return { slots, problem: complete ? (view.folded ? FOLDED : null) : detail };
}

const FOLDED =
  'it has too many different tags to tell its requests apart: give requests with ids in their URL one name tag';
/** Each slot is a tag, so that there are as many sets of them for each slot as another recording has in all. */
const MOST_TAG_SETS = 50_000;

function placeOf(tag: string | undefined): { number: number; side: Side; from: number } | null {
  const [, number, side, from] = /^(-?\d+)\.(baseline|candidate)\.(\d+)$/.exec(tag ?? '') ?? [];
  return side === undefined ? null : { number: Number(number), side: side as Side, from: Number(from) };
}
