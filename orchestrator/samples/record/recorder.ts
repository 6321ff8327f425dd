import type { Records, SampleVisitor, TextEnd } from '../recording/records.ts';
import { createView } from '../recording/view.ts';
import { createCsvScan } from './csv-scan.ts';
import { createEncoder } from './encode.ts';
import { maskTexts } from './mask.ts';
import { packRequests } from './pack-requests.ts';

export interface Recorder {
  /** Takes the next bytes of k6's CSV. The chunk may be reused afterwards. */
  push(chunk: Uint8Array): void;
  /** Writes out what has come up to now. */
  flush(): void;
  /** No more bytes will come: writes the end, and says whether k6's text was whole. */
  end(): TextEnd & { readonly folded: boolean };
}

/**
 * Makes a recording of k6's CSV, and shows the visitor what is in it: the same that whoever reads the recording will see.
 * @param write gets the recording piece by piece, to be put into gzip
 * @param secrets neither the visitor nor the recording gets to see these
 */
export function createRecorder(
  visitor: SampleVisitor,
  write: (piece: Uint8Array) => void,
  secrets: readonly string[] = [],
): Recorder {
  const encoder = createEncoder(write);
  const view = createView(visitor);
  const packer = packRequests(both(encoder, view));
  const scan = createCsvScan(maskTexts(packer, secrets));
  return {
    push: scan.push,
    flush: encoder.flush,
    end() {
      const text = scan.end();
      packer.end();
      const isCut = view.end(text.detail === '');
      const end = { ...text, detail: text.detail || (isCut ? 'the last request is cut' : '') };
      encoder.end(end);
      return { ...end, folded: view.folded };
    },
  };
}

/** Most of a recording is durations, which nothing packs: level 6 makes it 1 % smaller, in twice the time. */
export const GZIP_LEVEL = 1;

/** Says everything twice; the answer is that of the second. */
export function both(a: Records, b: Records): Records {
  return {
    columns(line) {
      a.columns(line);
      b.columns(line);
    },
    metric(id, name) {
      a.metric(id, name);
      return b.metric(id, name);
    },
    tags(slot, text) {
      a.tags(slot, text);
      b.tags(slot, text);
    },
    request(tags, ms, nanos, values, failed) {
      a.request(tags, ms, nanos, values, failed);
      b.request(tags, ms, nanos, values, failed);
    },
    sample(metric, tags, ms, nanos, millionths) {
      a.sample(metric, tags, ms, nanos, millionths);
      b.sample(metric, tags, ms, nanos, millionths);
    },
    oddSample(metric, tags, ms, nanos, value, metadata) {
      a.oddSample(metric, tags, ms, nanos, value, metadata);
      b.oddSample(metric, tags, ms, nanos, value, metadata);
    },
    unreadable(line) {
      a.unreadable(line);
      b.unreadable(line);
    },
  };
}
