import type { SecondOfSamples, Series } from './types.ts';

export interface SeriesBuilder {
  /** Where the requests of one name are drawn; null when too many names are. */
  line(name: string): Line | null;
  /** The names of the requests so far; null when they are too many to know all. */
  names(): readonly string[] | null;
  /** A request that began at `start`; the duration of a failed one is not used. */
  request(line: Line | null, start: number, durationMs: number, failed: boolean): void;
  dropped(time: number, count: number): void;
  finish(): Series;
}

/** Names in the chart. */
const SHOWN_NAMES = 8;
/** Names that are followed in order to find the busiest: later ones count in the total only. */
const FOLLOWED_NAMES = 40;
/** A second stays open this long for requests that take long (k6 gives up after 60 s by default). */
const OPEN_SECONDS = 65;
/** A chart of more seconds than this cannot be drawn; a day and a half. */
const MAX_SECONDS = 130_000;

/** Per-second numbers for the chart. Exact values are kept only for seconds that are still open. */
export function createSeries(): SeriesBuilder {
  const total = createLine();
  const names = new Map<string, Line>();
  return {
    names: () => (names.size >= FOLLOWED_NAMES ? null : [...names.keys()]),
    line(name) {
      const found = names.get(name);
      if (found || names.size >= FOLLOWED_NAMES) return found ?? null;
      const line = createLine();
      names.set(name, line);
      return line;
    },
    request(line, start, durationMs, failed) {
      add(total, start, durationMs, failed);
      if (line !== null) add(line, start, durationMs, failed);
    },
    dropped(time, count) {
      const second = secondOf(total, time);
      if (second !== null) second.dropped += count;
    },
    finish() {
      if (total.first === null) return { startAt: 0, seconds: [], byName: {} };
      const first = total.first;
      const last = first + total.seconds.length;
      const busiest = [...names].sort((a, b) => b[1].requests - a[1].requests).slice(0, SHOWN_NAMES);
      return {
        startAt: total.first * 1000,
        seconds: rows(total, first, last),
        byName: Object.fromEntries(busiest.map(([name, line]) => [name, rows(line, first, last)])),
      };
    },
  };
}

export interface Line {
  /** Number of the first second since the epoch. */
  first: number | null;
  seconds: Second[];
  /** Seconds below this index are closed. */
  closed: number;
  requests: number;
}

export interface Second {
  requests: number;
  errors: number;
  dropped: number;
  values: number[] | null;
  row: SecondOfSamples | null;
}

function createLine(): Line {
  return { first: null, seconds: [], closed: 0, requests: 0 };
}

function add(line: Line, start: number, durationMs: number, failed: boolean): void {
  const second = secondOf(line, start);
  if (second === null) return;
  line.requests += 1;
  second.requests += 1;
  if (failed) second.errors += 1;
  else if (second.row === null) {
    second.values ??= [];
    second.values.push(durationMs);
  }
}

function secondOf(line: Line, time: number): Second | null {
  const number = Math.floor(time / 1000);
  if (line.first === null) line.first = number;
  let index = number - line.first;
  if (index < 0) {
    // A slow request that began before the first one that ended.
    if (index < -OPEN_SECONDS * 2 || line.closed > 0) return line.seconds[0] ?? null;
    line.seconds.unshift(...Array.from({ length: -index }, newSecond));
    line.first = number;
    index = 0;
  }
  if (index >= MAX_SECONDS) return null;
  while (line.seconds.length <= index) line.seconds.push(newSecond());
  while (line.closed < index - OPEN_SECONDS) closeSecond(line.seconds[line.closed++] as Second);
  return line.seconds[index] as Second;
}

function newSecond(): Second {
  return { requests: 0, errors: 0, dropped: 0, values: null, row: null };
}

function closeSecond(second: Second): SecondOfSamples {
  if (second.row !== null && second.values === null) return { ...second.row, ...countsOf(second) };
  // Not `from`: that walks an iterator.
  const values = new Float64Array(second.values ?? []).sort();
  const at = (p: number) =>
    values.length === 0 ? null : (values[Math.max(0, Math.ceil(p * values.length) - 1)] as number);
  second.row = { ...countsOf(second), p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  second.values = null;
  return second.row;
}

function countsOf(second: Second): { requests: number; errors: number; dropped: number } {
  return { requests: second.requests, errors: second.errors + second.dropped, dropped: second.dropped };
}

function rows(line: Line, from: number, to: number): SecondOfSamples[] {
  const first = line.first ?? from;
  return Array.from({ length: to - from }, (_, i) =>
    closeSecond(line.seconds[from + i - first] ?? newSecond()),
  );
}
