import type { Records } from './records.ts';

/** A text that comes again and again: looked at once, and known by its bytes after that. */
export interface Metric {
  /** With the comma behind it. */
  readonly beginning: Uint8Array;
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
      const metric: Metric = { beginning: bytes.slice(from, comma + 1), id: -1, next: null };
      known.set(name, metric);
      return metric;
    },
    idOf(metric) {
      if (metric.id < 0) {
        metric.id = count++;
        records.metric(metric.id, metric.beginning.subarray(0, -1));
      }
      return metric.id;
    },
  };
}

/** All that stands between the value and the metadata of a line. */
export interface Tail {
  /** With the comma behind it and the end of a line without metadata. */
  readonly ending: Uint8Array;
  readonly slot: number;
}

export interface Tails {
  /** The tail that stands here, when it is one of the last few and the line ends behind it. */
  recentAt(bytes: Uint8Array, at: number, end: number): Tail | null;
  at(bytes: Uint8Array, from: number, to: number): Tail;
}

export function createTails(records: Records): Tails {
  const known = new Map<string, Tail>();
  const recent: Tail[] = [];
  return {
    recentAt(bytes, at, end) {
      for (let i = 0; i < recent.length; i++) {
        const tail = recent[i] as Tail;
        if (!startsWith(bytes, at, end, tail.ending)) continue;
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
        tail = { ending: Buffer.from(`${key},\n`, 'latin1'), slot: known.size };
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

export function startsWith(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  const { length } = text;
  if (at + length > end) return false;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
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
