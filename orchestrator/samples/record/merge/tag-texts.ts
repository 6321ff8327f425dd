import { latin1 } from '../../recording/latin1.ts';
import type { Records } from '../../recording/records.ts';
import { parseCsvRecord } from '../csv-record.ts';
import { MAX_TAILS } from '../known-texts.ts';
import type { TagText } from './record-queue.ts';

/** The tags of several streams under common numbers. */
export interface TagTexts {
  /** The same object for the same text. */
  intern(text: Uint8Array): TagText;
  /** Its number in the merged records; said to them when it is new. */
  slotOf(tags: TagText): number;
}

/** @param columns of the tags, in their order, with `extra_tags` as the last one */
export function createTagTexts(to: Records, columns: readonly string[]): TagTexts {
  const known = new Map<string, TagText>();
  const slots: TagText[] = [];
  const scenario = columns.indexOf('scenario');
  let next = 0;
  return {
    intern(bytes) {
      const text = latin1(bytes);
      const found = known.get(text);
      if (found !== undefined) return found;
      // A script that puts ids into its URLs makes a new text for each request: memory stays what it is.
      if (known.size >= MAX_TAILS) known.clear();
      const tags: TagText = {
        bytes: bytes.slice(),
        // Without the column nobody can tell: all of it is load.
        hasScenario: scenario < 0 || (parseCsvRecord(text)[scenario] ?? '') !== '',
        slot: -1,
      };
      known.set(text, tags);
      return tags;
    },
    slotOf(tags) {
      if (tags.slot >= 0 && slots[tags.slot] === tags) return tags.slot;
      tags.slot = next;
      slots[next] = tags;
      to.tags(next, tags.bytes);
      next = (next + 1) % MAX_TAILS;
      return tags.slot;
    },
  };
}
