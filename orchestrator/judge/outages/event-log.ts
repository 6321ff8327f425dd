/** Requests of one name, by their times only: what downtime is found in. Epoch milliseconds, each array sorted. */
export interface RequestLog {
  readonly name: string;
  /** Where requests of this name come from. */
  readonly scenarios: readonly string[];
  /** Good requests: `goodEnd` ascending, `goodStart` belongs to the same request. */
  readonly goodStart: Float64Array;
  readonly goodEnd: Float64Array;
  /** When bad events count: the start of a failed request, the time of a dropped iteration. Ascending. */
  readonly bad: Float64Array;
  /** The same, apart by how they failed: `HTTP 503`, `error 1212`, `dropped`. */
  readonly kinds: readonly FailureKind[];
}

export interface FailureKind {
  readonly kind: string;
  readonly at: Float64Array;
}

export interface EventLog {
  /** Where the requests of one name in one scenario go. */
  stream(scenario: string, name: string): RequestStream;
  good(stream: RequestStream, start: number, end: number): void;
  /** @param kind how it failed; left out: not known */
  bad(stream: RequestStream, position: number, kind?: string): void;
  dropped(scenario: string, time: number, count: number): void;
  /** One log for each request name, and one for each scenario that dropped iterations. */
  logs(): Iterable<RequestLog>;
  /** How many comparisons of failures with the steady phase there can be: one for each name, and for each of its ways to fail. */
  readonly comparisons: number;
  /** Set when the limit was reached: everything before this time was kept, and hardly anything after it. */
  readonly cutAt: number | null;
}

/** Eight bytes each while they come in, four times that for the name that is being looked at. Two hours at 1000 requests a second. */
export const MAX_EVENTS = 8_000_000;
/** More names than this share one log. */
const MAX_NAMES = 200;
/** Nor is anyone helped by more ways to fail than these, of one name. */
const MAX_KINDS = 40;
const OTHER_KINDS = 'other';
/** The kind of failure of an iteration that k6 did not start. */
export const DROPPED = 'dropped';

/**
 * Keeps single samples, 8 bytes each: the end of a request in units of 20 us since `origin` (31 bits: 11.9 h) and its length
 * (22 bits: 83 s, longer ones are cut to that). Both fit into the 53 bits of a number, which sorts by end and needs no index.
 */
export function createEventLog(origin: number, limit: number = MAX_EVENTS): EventLog {
  const streams = new Map<string, RequestStream>();
  const drops = new Map<string, Column>();
  let events = 0;
  let cutAt: number | null = null;

  function room(time: number): boolean {
    if (events < limit) {
      events += 1;
      return true;
    }
    // A request that got no answer is reported late, and counts at its start: the earliest one that is missing.
    cutAt = Math.min(cutAt ?? time, time);
    return false;
  }

  function stream(scenario: string, name: string): RequestStream {
    const isOther = streams.size >= MAX_NAMES && !streams.has(`${scenario}\n${name}`);
    return isOther ? streamOf('', '(other names)') : streamOf(scenario, name);
  }

  function streamOf(scenario: string, name: string): RequestStream {
    const key = `${scenario}\n${name}`;
    let found = streams.get(key);
    if (found) return found;
    found = { scenario, name, goods: createColumn(), bads: new Map() };
    streams.set(key, found);
    return found;
  }

  function toLog(name: string, of: readonly RequestStream[], bads: readonly [string, Column][]): RequestLog {
    const goods = joined(of.map((s) => s.goods)).sort();
    const goodEnd = goods.map((packed) => origin + Math.floor(packed / SPAN) * UNIT_MS);
    // Not end minus length: a start and an end of the same moment have to be the same number.
    const goodStart = goods.map((packed) => origin + (Math.floor(packed / SPAN) - (packed % SPAN)) * UNIT_MS);
    const bad = joined(bads.map(([, column]) => column)).sort();
    const names = [...new Set(bads.map(([kind]) => kind))];
    const kinds = names.map((kind) => ({
      kind,
      at: joined(bads.flatMap(([own, column]) => (own === kind ? [column] : []))).sort(),
    }));
    const scenarios = of.map((s) => s.scenario);
    return { name, scenarios, goodStart, goodEnd, bad, kinds };
  }

  return {
    stream,
    good({ goods }, start, end) {
      if (!room(end)) return;
      const ended = Math.max(0, Math.round((end - origin) / UNIT_MS));
      const length = ended - Math.round((start - origin) / UNIT_MS);
      push(goods, ended * SPAN + Math.min(SPAN - 1, Math.max(0, length)));
    },
    bad({ bads }, position, kind = '') {
      if (!room(position)) return;
      const known = bads.size < MAX_KINDS || bads.has(kind) ? kind : OTHER_KINDS;
      let column = bads.get(known);
      if (column === undefined) {
        column = createColumn();
        bads.set(known, column);
      }
      push(column, position);
    },
    dropped(scenario, time, count) {
      if (!room(time)) return;
      let column = drops.get(scenario);
      if (column === undefined) {
        column = createColumn();
        drops.set(scenario, column);
      }
      for (let i = 0; i < Math.min(count, MAX_DROPS_AT_ONCE); i++) push(column, time);
    },
    *logs() {
      for (const [name, of] of groupByName([...streams.values()])) {
        yield toLog(
          name,
          of,
          of.flatMap((s) => [...s.bads]),
        );
      }
      for (const [scenario, column] of drops) {
        const of = [...streams.values()].filter((s) => s.scenario === scenario);
        // The names of the requests show what hangs.
        yield { ...toLog(`dropped iterations of ${scenario}`, of, [[DROPPED, column]]), scenarios: [] };
      }
    },
    get comparisons() {
      let count = 2 * drops.size;
      for (const [, of] of groupByName([...streams.values()])) {
        count += 1 + new Set(of.flatMap(({ bads }) => [...bads.keys()])).size;
      }
      return count;
    },
    get cutAt() {
      return cutAt;
    },
  };
}

export interface RequestStream {
  readonly scenario: string;
  readonly name: string;
  readonly goods: Column;
  /** By how they failed. */
  readonly bads: Map<string, Column>;
}

interface Column {
  values: Float64Array;
  length: number;
}

const UNIT_MS = 0.02;
const SPAN = 2 ** 22;
/** Some executors report all that they dropped in one sample; a few are as good as all, they have the same time. */
const MAX_DROPS_AT_ONCE = 3;

function createColumn(): Column {
  return { values: new Float64Array(1024), length: 0 };
}

function push(column: Column, value: number): void {
  if (column.length === column.values.length) {
    const larger = new Float64Array(Math.ceil(column.length * 1.5));
    larger.set(column.values);
    column.values = larger;
  }
  column.values[column.length++] = value;
}

function joined(columns: readonly Column[]): Float64Array {
  const all = new Float64Array(columns.reduce((sum, c) => sum + c.length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column.values.subarray(0, column.length), at);
    at += column.length;
  }
  return all;
}

function groupByName(streams: readonly RequestStream[]): Map<string, RequestStream[]> {
  const groups = new Map<string, RequestStream[]>();
  for (const stream of streams) groups.set(stream.name, [...(groups.get(stream.name) ?? []), stream]);
  return groups;
}
