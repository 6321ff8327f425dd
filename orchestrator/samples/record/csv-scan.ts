import type { Records, TextEnd } from '../recording/records.ts';
import { createCarry } from './csv-carry.ts';
import { parseCsvRecord } from './csv-record.ts';
import { createMetrics, createTails, type Metric, startsWith, type Tails } from './known-texts.ts';

export interface CsvScan {
  /** Takes the next bytes. The chunk may be reused afterwards. */
  push(chunk: Uint8Array): void;
  /** No more bytes will come. Was the text whole? */
  end(): TextEnd;
}

/** Scans k6's CSV output (`--out csv`, K6_CSV_TIME_FORMAT=unix_nano) as it comes, and reports each line, none left out. */
export function createCsvScan(records: Records): CsvScan {
  const carry = createCarry(readLines);
  const metrics = createMetrics(records);
  /** Null before the header. */
  let tails: Tails | null = null;
  let metadataComma = 0;
  let isForeign = false;
  let unreadable = 0;
  let samples = 0;
  let last: Metric | null = null;
  // The last time, and its digits four by four.
  let ms = 0;
  let nanos = 0;
  const timeWords = new Uint32Array(5);

  function readLines(bytes: Uint8Array, end: number): number {
    if (isForeign) return end;
    let line = tails === null ? readHeader(bytes, end) : 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    while (tails !== null && line < end) {
      const next = readSample(tails, bytes, view, line, end);
      if (next > 0) {
        samples += 1;
        line = next;
        continue;
      }
      const newline = bytes.indexOf(NEWLINE, line);
      const isHere = newline >= 0 && newline < end;
      if (end - line < MAX_LINE && (next === NOT_HERE_YET || !isHere)) break;
      records.unreadable(bytes.subarray(line, isHere ? newline : end));
      unreadable += 1;
      last = null;
      line = isHere ? newline + 1 : end;
    }
    return line;
  }

  function readHeader(bytes: Uint8Array, end: number): number {
    const newline = bytes.indexOf(NEWLINE);
    const isHere = newline >= 0 && newline < end;
    if (!isHere && end <= MAX_LINE) return 0;
    const text = bytes.subarray(0, isHere ? newline : end);
    const columns = parseCsvRecord(Buffer.from(text).toString('utf8'));
    if (!isHere || !isHeader(columns)) {
      isForeign = true;
      return end;
    }
    records.columns(text);
    // The tags begin after three fields, and the last of them is the metadata.
    metadataComma = columns.length - 4;
    tails = createTails(records);
    return newline + 1;
  }

  /** Reads nineteen digits of nanoseconds into `ms` and `nanos`; false when they are not digits. */
  function readTime(bytes: Uint8Array, view: DataView, at: number): boolean {
    // Most lines have the time of the one before.
    const isSame =
      view.getUint32(at + 15) === timeWords[4] &&
      view.getUint32(at + 12) === timeWords[3] &&
      view.getUint32(at + 8) === timeWords[2] &&
      view.getUint32(at + 4) === timeWords[1] &&
      view.getUint32(at) === timeWords[0];
    if (isSame) return true;
    const seconds = digits(bytes, at, at + 10);
    const millis = digits(bytes, at + 10, at + 13);
    const within = digits(bytes, at + 13, at + 19);
    // Ten digits of seconds: from 2001 on.
    if (seconds < 1e9 || millis < 0 || within < 0) return false;
    ms = seconds * 1000 + millis;
    nanos = within;
    for (let i = 0; i < 4; i++) timeWords[i] = view.getUint32(at + i * 4);
    timeWords[4] = view.getUint32(at + 15);
    return true;
  }

  /** Returns where the next line begins, or NOT_HERE_YET, or NO_SAMPLE. Hot. */
  function readSample(tails: Tails, bytes: Uint8Array, view: DataView, line: number, end: number): number {
    // Lines come in the same order again and again: the metric that followed last time is a good guess.
    let metric: Metric | null = last === null ? null : last.next;
    if (metric === null || !startsWith(view, line, end, metric.beginning)) {
      const comma = bytes.indexOf(COMMA, line);
      if (comma < 0 || comma >= end) return NOT_HERE_YET;
      metric = metrics.at(bytes, line, comma);
      if (metric === null) return NO_SAMPLE;
    }
    const timeFrom = line + metric.beginning.length;
    if (timeFrom + SHORTEST > end) return NOT_HERE_YET;
    if (bytes[timeFrom + 19] !== COMMA || !readTime(bytes, view, timeFrom)) return NO_SAMPLE;

    const valueFrom = timeFrom + 20;
    let valueTo = valueFrom;
    let whole = 0;
    for (let byte = bytes[valueTo] as number; byte >= ZERO && byte <= NINE; byte = bytes[valueTo] as number) {
      whole = whole * 10 + byte - ZERO;
      valueTo += 1;
    }
    const isPlain = isPlainValue(bytes, valueFrom, valueTo, end);
    const fraction = isPlain ? digits(bytes, valueTo + 1, valueTo + 7) : -1;
    if (fraction >= 0) valueTo += 7;
    else {
      valueTo = bytes.indexOf(COMMA, valueFrom);
      if (valueTo < 0 || valueTo >= end) return NOT_HERE_YET;
      if (bytes.subarray(valueFrom, valueTo).includes(NEWLINE)) return NO_SAMPLE;
    }

    const tailFrom = valueTo + 1;
    let tail = tails.recentAt(view, tailFrom, end);
    let at = tailFrom;
    let metadataFrom = -1;
    if (tail !== null) {
      at += tail.ending.length - 1;
      metadataFrom = at;
    } else {
      let commas = 0;
      let isQuoted = false;
      for (; at < end; at++) {
        const byte = bytes[at] as number;
        if (byte === QUOTE) isQuoted = !isQuoted;
        else if (byte === COMMA && !isQuoted) {
          commas += 1;
          if (commas === metadataComma) metadataFrom = at + 1;
        } else if (byte === NEWLINE && !isQuoted) break;
      }
      if (at === end) return NOT_HERE_YET;
      if (commas !== metadataComma) return NO_SAMPLE;
      tail = tails.at(bytes, tailFrom, metadataFrom - 1);
    }

    const id = metrics.idOf(metric);
    if (fraction >= 0 && metadataFrom === at) {
      records.sample(id, tail.slot, ms, nanos, whole * 1e6 + fraction);
    } else {
      const value = bytes.subarray(valueFrom, valueTo);
      records.oddSample(id, tail.slot, ms, nanos, value, bytes.subarray(metadataFrom, at));
    }
    if (last !== null) last.next = metric;
    last = metric;
    return at + 1;
  }

  return {
    push: (chunk) => carry.push(chunk),
    end() {
      const rest = carry.rest();
      if (tails !== null && rest.length > 0) {
        records.unreadable(rest.at(-1) === NEWLINE ? rest.subarray(0, -1) : rest);
      }
      const detail = isForeign
        ? 'the first line is not a CSV header of k6'
        : tails === null
          ? 'no header: k6 wrote nothing'
          : unreadable > 0
            ? `${unreadable} ${unreadable === 1 ? 'line' : 'lines'} cannot be read`
            : rest.length > 0
              ? 'the last line is cut'
              : '';
      return { samples, detail };
    },
  };
}

const NOT_HERE_YET = 0;
const NO_SAMPLE = -1;
/** A longer line is garbage: k6 limits no tag, but nobody's tags take a megabyte. */
const MAX_LINE = 1 << 20;
/** After the name: 19 digits, a comma, the shortest value, a comma. */
const SHORTEST = 22;
const COMMA = 44;
const NEWLINE = 10;
const QUOTE = 34;
const DOT = 46;
const ZERO = 48;
const NINE = 57;

function isHeader(columns: readonly string[]): boolean {
  return (
    columns[0] === 'metric_name' &&
    columns[1] === 'timestamp' &&
    columns[2] === 'metric_value' &&
    columns.at(-2) === 'extra_tags' &&
    columns.at(-1) === 'metadata'
  );
}

/** -1 when it is not all digits. */
function digits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** One to nine digits (the first of several is not 0) in front of a dot and six more bytes? */
function isPlainValue(bytes: Uint8Array, from: number, dot: number, end: number): boolean {
  const length = dot - from;
  return (
    bytes[dot] === DOT &&
    bytes[dot + 7] === COMMA &&
    dot + 7 < end &&
    length > 0 &&
    length <= 9 &&
    (length === 1 || bytes[from] !== ZERO)
  );
}
