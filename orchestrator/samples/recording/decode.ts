import { BAD, COLUMNS, END, GOOD, METRIC, ODD, SAMPLE, TAGS, TIME, UNREADABLE } from './format.ts';
import { REQUEST_METRICS, type Records, type TextEnd } from './records.ts';

export interface Decoder {
  /** Reports what is in the next block. @throws when it is garbled; some of it may have been reported by then */
  decode(block: Uint8Array): void;
  /** Epoch ms of the newest record; 0 before the first. */
  readonly time: number;
  /** Null as long as the last record has not come. */
  readonly end: TextEnd | null;
}

/** Reads what createEncoder wrote, block by block. */
export function createDecoder(records: Records): Decoder {
  let bytes: Uint8Array = new Uint8Array(0);
  let at = 0;
  let hasColumns = false;
  let end: TextEnd | null = null;
  let samples = 0;
  const isWanted: boolean[] = [];
  const slots: boolean[] = [];
  const values = new Float64Array(REQUEST_METRICS.length - 2);
  let tags = -1;
  let ms = 0;
  let nanos = 0;

  function number(): number {
    let byte = bytes[at++] as number;
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = bytes[at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    for (let unit = 2 ** 28; byte >= 128; unit *= 128) {
      if (unit > MAX_UNIT) throw garbled();
      byte = bytes[at++] as number;
      value += (byte & 127) * unit;
    }
    return value;
  }

  function zigzag(): number {
    const value = number();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  function text(): Uint8Array {
    const length = number();
    at += length;
    return bytes.subarray(at - length, at);
  }

  function clock(): void {
    tags = number();
    if (slots[tags] !== true) throw garbled();
    nanos += zigzag();
    if (nanos < 0 || nanos >= 1e6) {
      const whole = Math.floor(nanos / 1e6);
      ms += whole;
      nanos -= whole * 1e6;
    }
    if (!(ms >= MIN_MS && ms < MAX_MS)) throw garbled();
  }

  function request(failed: boolean): void {
    clock();
    let parts = 0;
    for (let i = 1; i < values.length; i++) {
      const value = number();
      values[i] = value;
      if (i >= 4) parts += value;
    }
    values[0] = zigzag() + parts;
    samples += REQUEST_METRICS.length;
    records.request(tags, ms, nanos, values, failed);
  }

  function sample(kind: number): void {
    const metric = (kind - SAMPLE) >> 1;
    const wanted = isWanted[metric];
    if (wanted === undefined) throw garbled();
    if (kind % 2 === 0) clock();
    else if (tags < 0) throw garbled();
    const value = number();
    samples += 1;
    if (wanted) records.sample(metric, tags, ms, nanos, value);
  }

  function other(kind: number): void {
    if (kind === COLUMNS && !hasColumns) {
      hasColumns = true;
      records.columns(text());
    } else if (kind === METRIC) isWanted.push(records.metric(isWanted.length, text()));
    else if (kind === TAGS && hasColumns) {
      const slot = number();
      if (slot > slots.length) throw garbled();
      slots[slot] = true;
      records.tags(slot, text());
    } else if (kind === TIME) {
      ms = number();
      nanos = number();
    } else if (kind === ODD) {
      const metric = number();
      const wanted = isWanted[metric];
      if (wanted === undefined) throw garbled();
      clock();
      const [value, metadata] = [text(), text()];
      samples += 1;
      if (wanted) records.oddSample(metric, tags, ms, nanos, value, metadata);
    } else if (kind === UNREADABLE) records.unreadable(text());
    else if (kind === END) {
      const count = number();
      end = { samples: count, detail: Buffer.from(text()).toString('utf8') };
      if (count !== samples || at !== bytes.length) throw garbled();
    } else throw garbled();
  }

  return {
    decode(block) {
      if (end !== null) throw garbled();
      bytes = new Uint8Array(block.buffer, block.byteOffset, block.length);
      at = 0;
      while (at < bytes.length) {
        const kind = number();
        if (kind >= SAMPLE) sample(kind);
        else if (kind === GOOD || kind === BAD) request(kind === BAD);
        else other(kind);
      }
      if (at !== bytes.length) throw garbled();
    },
    get time() {
      return ms;
    },
    get end() {
      return end;
    },
  };
}

/** Eight bytes hold every number that is written. */
const MAX_UNIT = 2 ** 49;
/** Thirteen digits of milliseconds: 2001 to 2286. */
const MIN_MS = 1e12;
const MAX_MS = 1e13;

function garbled(): Error {
  return new Error('its content is garbled');
}
