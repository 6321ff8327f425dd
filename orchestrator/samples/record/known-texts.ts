import type { Records } from '../recording/records.ts';

export interface Metric {
  /** The name, with the comma behind it. */
  readonly beginning: Text;
  readonly name: string;
  /** -1 before its first sample. */
  id: number;
  /** The metric of the line after this one, last time. */
  next: Metric | null;
}

export interface Metrics {
  /** Null for what cannot be a metric, and for more of them than anybody has. */
  at(bytes: Uint8Array, from: number, comma: number): Metric | null;
  idOf(metric: Metric): number;
}

export function createMetrics(records: Records): Metrics {
  const known = new Map<string, Metric>();
  let count = 0;
  return {
    at(bytes, from, comma) {
      if (comma - from > MAX_NAME) return null;
      const name = keyOf(bytes, from, comma);
      const found = known.get(name);
      if (found !== undefined) return found;
      if (known.size >= MAX_METRICS || !NAME.test(name)) return null;
      const metric: Metric = { name, beginning: textOf(`${name},`), id: -1, next: null };
      known.set(name, metric);
      return metric;
    },
    idOf(metric) {
      if (metric.id < 0) {
        metric.id = count++;
        records.metric(metric.id, Buffer.from(metric.name));
      }
      return metric.id;
    },
  };
}

/** All that stands between the value and the metadata of a line. */
export interface Tail {
  /** With the comma behind it and the end of a line without metadata. */
  readonly ending: Text;
  readonly slot: number;
}

export interface Tails {
  /** The tail that stands here, when it is one of the last few and the line ends behind it. */
  recentAt(view: DataView, at: number, end: number): Tail | null;
  at(bytes: Uint8Array, from: number, to: number): Tail;
}

export function createTails(records: Records): Tails {
  const known = new Map<string, Tail>();
  const recent: Tail[] = [];
  return {
    recentAt(view, at, end) {
      for (let i = 0; i < recent.length; i++) {
        const tail = recent[i] as Tail;
        if (!startsWith(view, at, end, tail.ending)) continue;
        if (i > 0) {
          recent[i] = recent[i - 1] as Tail;
          recent[i - 1] = tail;
        }
        return tail;
      }
      return null;
    },
    at(bytes, from, to) {
      const key = keyOf(bytes, from, to);
      let tail = known.get(key);
      if (tail === undefined) {
        // A script that puts ids into its URLs makes a new text for each request: memory stays what it is.
        if (known.size >= MAX_TAILS) {
          known.clear();
          recent.length = 0;
        }
        tail = { ending: textOf(`${key},\n`), slot: known.size };
        known.set(key, tail);
        records.tags(tail.slot, bytes.subarray(from, to));
      }
      if (!recent.includes(tail)) {
        if (recent.length >= RECENT) recent.pop();
        recent.push(tail);
      }
      return tail;
    },
  };
}

/** A text that comes again and again, for a comparison in few steps. */
export interface Text {
  readonly length: number;
  /** Its bytes four by four; the last four overlap those before. */
  readonly words: Uint32Array;
}

/** Does this text stand here? Not said of one with less than four bytes. */
export function startsWith(view: DataView, at: number, end: number, { length, words }: Text): boolean {
  const last = words.length - 1;
  if (at + length > end || last < 0 || view.getUint32(at + length - 4) !== words[last]) return false;
  for (let i = 0; i < last; i++) if (view.getUint32(at + i * 4) !== words[i]) return false;
  return true;
}

function textOf(latin1: string): Text {
  const bytes = Buffer.from(latin1, 'latin1');
  const { length } = bytes;
  const words = new Uint32Array(length < 4 ? 0 : Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = bytes.readUInt32BE(Math.min(i * 4, length - 4));
  return { length, words };
}

/** Any bytes as a text, one character each. */
function keyOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}

/** Of k6: a letter or `_`, and up to 128 more of those and digits. */
const NAME = /^\w+$/;
const MAX_NAME = 129;
/** k6 has some thirty, and a script has to name its own before it starts. */
const MAX_METRICS = 10_000;
export const MAX_TAILS = 20_000;
/** Requests of a few names take turns, each with the lines of its iteration. */
const RECENT = 8;
