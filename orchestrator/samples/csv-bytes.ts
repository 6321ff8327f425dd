import { parseCsvRecord } from './csv-record.ts';

export const COMMA = 44;
export const NEWLINE = 10;
export const QUOTE = 34;
export const DOT = 46;
export const ZERO = 48;
export const NINE = 57;

/** The comma after an unread value of at most three digits before its six decimals; -1 when it is none of those. */
export function endOfValue(bytes: Uint8Array, from: number): number {
  for (let dot = from + 1; dot <= from + 3; dot++) {
    if (bytes[dot] === DOT) return bytes[dot + 7] === COMMA ? dot + 7 : -1;
  }
  return -1;
}

export function numberAt(bytes: Uint8Array, from: number, to: number): number {
  return Number(Buffer.from(bytes.subarray(from, to)).toString('latin1').replace('Inf', 'Infinity'));
}

/** Nineteen digits of nanoseconds, as milliseconds. 4 + 9 + 6 digits each fit into a small integer. */
export function timeAt(bytes: Uint8Array, from: number): number {
  let high = 0;
  let middle = 0;
  let low = 0;
  for (let i = from; i < from + 4; i++) high = high * 10 + (bytes[i] as number) - ZERO;
  for (let i = from + 4; i < from + 13; i++) middle = middle * 10 + (bytes[i] as number) - ZERO;
  for (let i = from + 13; i < from + 19; i++) low = low * 10 + (bytes[i] as number) - ZERO;
  return high * 1e9 + middle + low / 1e6;
}

export function metadataAt(bytes: Uint8Array, from: number, to: number): string {
  return parseCsvRecord(Buffer.from(bytes.subarray(from, to)).toString('utf8'))[0] ?? '';
}

/** Four bytes at a time, for a comparison in fewer steps; the last word overlaps the one before. Null for less than one word. */
export function wordsOf(bytes: Uint8Array): Uint32Array | null {
  if (bytes.length < 4) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = new Uint32Array(Math.ceil(bytes.length / 4));
  for (let i = 0; i < words.length - 1; i++) words[i] = view.getUint32(i * 4);
  words[words.length - 1] = view.getUint32(bytes.length - 4);
  return words;
}

/** Are these the `length` bytes from `at` on? They have to be there. */
export function startsWithWords(view: DataView, at: number, words: Uint32Array, length: number): boolean {
  const last = words.length - 1;
  if (view.getUint32(at + length - 4) !== words[last]) return false;
  for (let i = 0; i < last; i++) if (view.getUint32(at + i * 4) !== words[i]) return false;
  return true;
}

export function sameBytes(a: Uint8Array, b: Uint8Array, from: number, to: number): boolean {
  if (a.length !== to - from) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[from + i]) return false;
  return true;
}
