import {
  BAD,
  COLUMNS,
  END,
  GOOD,
  MAGIC,
  METRIC,
  ODD,
  SAMPLE,
  TAGS,
  TIME,
  UNREADABLE,
} from '../recording/format.ts';
import type { Records, TextEnd } from '../recording/records.ts';

export interface Encoder extends Records {
  /** Writes out what has been reported up to now. */
  flush(): void;
  /** The last record. */
  end(end: TextEnd): void;
}

/** Makes a recording (decisions/0009), without the gzip around it. `write` gets whole blocks, which are its own. */
export function createEncoder(write: (block: Uint8Array) => void): Encoder {
  let block = new Uint8Array(2 * BLOCK);
  let at = LENGTH;
  let tags = -1;
  let ms = 0;
  let nanos = 0;
  write(Buffer.from(MAGIC));

  function flush(): void {
    if (at === LENGTH) return;
    new DataView(block.buffer).setUint32(0, at - LENGTH, true);
    write(block.slice(0, at));
    at = LENGTH;
  }

  /** Begins a record of this kind, with texts of so many bytes. */
  function begin(kind: number, texts = 0): void {
    if (at > BLOCK) flush();
    if (at + NUMBERS + texts > block.length) {
      const larger = new Uint8Array(2 * (at + NUMBERS + texts));
      larger.set(block.subarray(0, at));
      block = larger;
    }
    number(kind);
  }

  function number(value: number): void {
    let rest = value;
    for (; rest >= 2 ** 31; rest = Math.floor(rest / 128)) block[at++] = (rest % 128) | 128;
    for (; rest > 127; rest >>>= 7) block[at++] = (rest & 127) | 128;
    block[at++] = rest;
  }

  function zigzag(value: number): void {
    number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  function text(bytes: Uint8Array): void {
    number(bytes.length);
    block.set(bytes, at);
    at += bytes.length;
  }

  /** Before a record with a clock: days that no varint of nanoseconds holds. */
  function windClock(toMs: number): void {
    if (Math.abs(toMs - ms) < MAX_STEP_MS) return;
    begin(TIME);
    number(toMs);
    number(0);
    ms = toMs;
    nanos = 0;
  }

  function clock(slot: number, toMs: number, toNanos: number): void {
    number(slot);
    zigzag((toMs - ms) * 1e6 + toNanos - nanos);
    tags = slot;
    ms = toMs;
    nanos = toNanos;
  }

  return {
    columns(line) {
      begin(COLUMNS, line.length);
      text(line);
    },
    metric(_id, name) {
      begin(METRIC, name.length);
      text(name);
      return true;
    },
    tags(slot, line) {
      begin(TAGS, line.length);
      number(slot);
      text(line);
    },
    request(slot, atMs, atNanos, values, failed) {
      windClock(atMs);
      begin(failed ? BAD : GOOD);
      clock(slot, atMs, atNanos);
      let parts = 0;
      for (let i = 1; i < values.length; i++) {
        const value = values[i] as number;
        number(value);
        if (i >= 4) parts += value;
      }
      zigzag((values[0] as number) - parts);
    },
    sample(metric, slot, atMs, atNanos, millionths) {
      if (slot === tags && atMs === ms && atNanos === nanos) begin(SAMPLE + 2 * metric + 1);
      else {
        windClock(atMs);
        begin(SAMPLE + 2 * metric);
        clock(slot, atMs, atNanos);
      }
      number(millionths);
    },
    oddSample(metric, slot, atMs, atNanos, value, metadata) {
      windClock(atMs);
      begin(ODD, value.length + metadata.length);
      number(metric);
      clock(slot, atMs, atNanos);
      text(value);
      text(metadata);
    },
    unreadable(line) {
      begin(UNREADABLE, line.length);
      text(line);
    },
    flush,
    end({ samples, detail }) {
      const reason = Buffer.from(detail);
      begin(END, reason.length);
      number(samples);
      text(reason);
      flush();
    },
  };
}

const LENGTH = 4;
/** A block is written when it has become this long. */
const BLOCK = 1 << 15;
/** More than the numbers of one record take. */
const NUMBERS = 128;
/** Nanoseconds of as many milliseconds, doubled for the sign, are whole numbers in a double. */
const MAX_STEP_MS = 2 ** 31;
