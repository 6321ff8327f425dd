import type { SampleVisitor, TextEnd } from '../recording/records.ts';
import { createView } from '../recording/view.ts';
import { createCsvScan } from './csv-scan.ts';
import { createEncoder } from './encode.ts';
import { maskTexts } from './mask.ts';
import { mergeRecords } from './merge/merge-records.ts';
import { plainTags } from './merge/plain-tags.ts';
import { shiftClock } from './merge/shift-clock.ts';
import { packRequests } from './pack-requests.ts';
import { both } from './recorder.ts';

/** As a recorder, of the CSV of several k6 that share a load: it makes one recording of all. */
export interface MergingRecorder {
  /** One for each stream. */
  readonly parts: readonly PartRecorder[];
  /** All streams have begun their load, or ended without. */
  readonly hasBegun: boolean;
  flush(): void;
  /** No more bytes will come from any stream. */
  end(): TextEnd & { readonly folded: boolean };
}

export interface PartRecorder {
  /** Takes the next bytes. The chunk may be reused afterwards. */
  push(chunk: Uint8Array): void;
  /** @param nanos what is to be added to the times of what comes from now on */
  setOffset(nanos: number): void;
  /** No more bytes will come. Was this k6's text whole? */
  end(): TextEnd;
  /** Its end was not seen: what of the others is later than its last record is left out. Before `end`. */
  cut(): void;
  /** Records that wait for other streams. */
  readonly waiting: number;
  readonly begunAt: number;
  readonly setupRequests: number;
}

/** @param names of the streams, for people */
export function createMergingRecorder(
  visitor: SampleVisitor,
  write: (piece: Uint8Array) => void,
  names: readonly string[],
  secrets: readonly string[] = [],
): MergingRecorder {
  const encoder = createEncoder(write);
  const view = createView(visitor);
  const merge = mergeRecords(maskTexts(both(encoder, view), secrets), names.length);
  const ends: (TextEnd | null)[] = names.map(() => null);
  const parts = merge.parts.map((part, index): PartRecorder => {
    // Requests are packed before they are merged: nothing of another stream comes between their lines.
    const packer = packRequests(part);
    const shifted = shiftClock(packer);
    const scan = createCsvScan(plainTags(shifted));
    return {
      push(chunk) {
        scan.push(chunk);
        merge.drain();
      },
      setOffset: shifted.setOffset,
      cut: part.cut,
      end() {
        const known = ends[index];
        if (known) return known;
        const text = scan.end();
        packer.end();
        part.end();
        merge.drain();
        const end = part.isForeign ? { samples: 0, detail: 'its columns are not those of the others' } : text;
        ends[index] = end;
        return end;
      },
      get waiting() {
        return part.waiting;
      },
      get begunAt() {
        return part.begunAt;
      },
      get setupRequests() {
        return part.setupRequests;
      },
    };
  });
  return {
    parts,
    get hasBegun() {
      return merge.hasBegun;
    },
    flush: encoder.flush,
    end() {
      const all = parts.map((part) => part.end());
      const details = all.flatMap(({ detail }, i) => (detail === '' ? [] : [`${names[i]}: ${detail}`]));
      const isCut = view.end(details.length === 0);
      if (isCut) details.push('the last request is cut');
      const read = all.reduce((sum, one) => sum + one.samples, 0);
      // What still waits for a stream that was cut is not in the recording.
      const waiting = merge.parts.reduce((sum, part) => sum + (part.isForeign ? 0 : part.countWaiting()), 0);
      const end = { samples: read - waiting, detail: details.join('; ') };
      encoder.end(end);
      return { ...end, folded: view.folded };
    },
  };
}
