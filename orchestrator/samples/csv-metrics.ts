import { sameBytes, wordsOf } from './csv-bytes.ts';

/** A metric as it stands at the beginning of its lines, and what it means to the scan. */
export interface Metric {
  readonly bytes: Uint8Array;
  /** For `startsWithWords`; null for a name that is shorter than one word. */
  readonly words: Uint32Array | null;
  readonly name: string;
  readonly kind: number;
  readonly wanted: boolean;
  /** Somebody reads the number: the visitor, or the scan for the request that it puts together. */
  readonly valued: boolean;
  /** The metric of the line after this one, last time. */
  next: Metric | null;
}

export interface Metrics {
  /** `hash` is any hash of the bytes; the same bytes give the same object. */
  at(buffer: Uint8Array, from: number, to: number, hash: number): Metric;
}

/** @param wants asked once per name */
export function createMetrics(wants: (name: string) => boolean): Metrics {
  const known = new Map<number, Metric[]>();
  return {
    at(buffer, from, to, hash) {
      let list = known.get(hash);
      if (list === undefined) {
        list = [];
        if (known.size < MAX_METRICS) known.set(hash, list);
      }
      for (const metric of list) {
        if (sameBytes(metric.bytes, buffer, from, to)) return metric;
      }
      const metric = createMetric(buffer.slice(from, to), wants);
      list.push(metric);
      return metric;
    },
  };
}

function createMetric(bytes: Uint8Array, wants: (name: string) => boolean): Metric {
  const name = Buffer.from(bytes).toString('utf8');
  const kind = KINDS[name] ?? OTHER;
  const wanted = wants(name);
  const valued = wanted || kind === DURATION || kind === BLOCKED || kind === FAILED;
  return { bytes, words: wordsOf(bytes), name, kind, wanted, valued, next: null };
}

/** k6 has some thirty; a script that makes up more is read, only slower. */
const MAX_METRICS = 10_000;

// LEADER starts a group of lines with the same tags and time, FOLLOWER goes on with it: k6 writes the samples of one request,
// and those of one iteration's end, together and in this order.
export const HTTP = 16;
export const LEADER = 32;
export const FOLLOWER = 64;
const OTHER = 0;
export const REQS = HTTP | LEADER;
export const DURATION = HTTP | FOLLOWER | 1;
export const BLOCKED = HTTP | FOLLOWER | 2;
export const FAILED = HTTP | FOLLOWER | 3;
const PART = HTTP | FOLLOWER | 4;
const KINDS: Readonly<Record<string, number>> = Object.assign(Object.create(null), {
  http_reqs: REQS,
  http_req_duration: DURATION,
  http_req_blocked: BLOCKED,
  http_req_connecting: PART,
  http_req_tls_handshaking: PART,
  http_req_sending: PART,
  http_req_waiting: PART,
  http_req_receiving: PART,
  http_req_failed: FAILED,
  data_sent: LEADER,
  data_received: FOLLOWER,
  iteration_duration: FOLLOWER,
  iterations: FOLLOWER,
});
