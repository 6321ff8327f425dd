import { REQUEST_METRICS, type Records, type RequestValues } from '../../recording/records.ts';

/** Tags that records of several streams share. */
export interface TagText {
  readonly bytes: Uint8Array;
  /** Of an iteration: neither of setup() nor a number of k6 itself. */
  readonly hasScenario: boolean;
  /** Where they stand in the merged records; -1 before the first time. */
  slot: number;
}

/** Records of one stream that wait for those of the others, in typed arrays: one object for each would keep the collector busy. */
export interface RecordQueue {
  readonly length: number;
  /** Of k6: a request is several. */
  countSamples(): number;
  /** When the first one is due: the latest time of the stream up to it, epoch ms. Infinity when there is none. */
  readonly key: number;
  request(tags: TagText, ms: number, nanos: number, values: RequestValues, failed: boolean): void;
  sample(metric: number, tags: TagText, ms: number, nanos: number, millionths: number): void;
  oddSample(
    metric: number,
    tags: TagText,
    ms: number,
    nanos: number,
    value: Uint8Array,
    metadata: Uint8Array,
  ): void;
  /** Takes the first one out. */
  shift(to: Records, slotOf: (tags: TagText) => number): void;
}

export function createRecordQueue(): RecordQueue {
  let room = 1024;
  let first = 0;
  let length = 0;
  let latest = Number.NEGATIVE_INFINITY;
  let columns = makeColumns(room);
  const values = new Float64Array(VALUES);

  function add(kind: number, metric: number, tags: TagText, ms: number, nanos: number): number {
    if (length === room) grow();
    const at = (first + length) & (room - 1);
    length += 1;
    // k6 writes slightly out of order; a record is never due before the one that it follows.
    latest = Math.max(latest, ms + nanos / 1e6);
    columns.keys[at] = latest;
    columns.kinds[at] = kind;
    columns.metrics[at] = metric;
    columns.tags[at] = tags;
    columns.ms[at] = ms;
    columns.nanos[at] = nanos;
    return at;
  }

  function grow(): void {
    const larger = makeColumns(room * 2);
    for (let i = 0; i < length; i++) copyRow(columns, (first + i) & (room - 1), larger, i);
    columns = larger;
    first = 0;
    room *= 2;
  }

  return {
    get length() {
      return length;
    },
    get key() {
      return length === 0 ? Number.POSITIVE_INFINITY : (columns.keys[first] as number);
    },
    countSamples() {
      let samples = 0;
      for (let i = 0; i < length; i++) {
        const kind = columns.kinds[(first + i) & (room - 1)] as number;
        samples += kind === GOOD || kind === BAD ? REQUEST_METRICS.length : 1;
      }
      return samples;
    },
    request(tags, ms, nanos, own, failed) {
      const at = add(failed ? BAD : GOOD, 0, tags, ms, nanos);
      for (let i = 0; i < VALUES; i++) columns.values[at * VALUES + i] = own[i] as number;
    },
    sample(metric, tags, ms, nanos, millionths) {
      columns.values[add(SAMPLE, metric, tags, ms, nanos) * VALUES] = millionths;
    },
    oddSample(metric, tags, ms, nanos, value, metadata) {
      const at = add(ODD, metric, tags, ms, nanos);
      // The bytes are valid during the call only.
      columns.texts[at] = [value.slice(), metadata.slice()];
    },
    shift(to, slotOf) {
      const { kinds, metrics, tags, ms, nanos, texts } = columns;
      const at = first;
      const slot = slotOf(tags[at] as TagText);
      const time = ms[at] as number;
      const within = nanos[at] as number;
      const kind = kinds[at];
      if (kind === SAMPLE) {
        to.sample(metrics[at] as number, slot, time, within, columns.values[at * VALUES] as number);
      } else if (kind === ODD) {
        const [value, metadata] = texts[at] as [Uint8Array, Uint8Array];
        to.oddSample(metrics[at] as number, slot, time, within, value, metadata);
        texts[at] = undefined;
      } else {
        for (let i = 0; i < VALUES; i++) values[i] = columns.values[at * VALUES + i] as number;
        to.request(slot, time, within, values, kind === BAD);
      }
      tags[at] = undefined;
      first = (first + 1) & (room - 1);
      length -= 1;
    },
  };
}

const VALUES = REQUEST_METRICS.length - 2;
const GOOD = 0;
const BAD = 1;
const SAMPLE = 2;
const ODD = 3;

function makeColumns(room: number) {
  return {
    keys: new Float64Array(room),
    kinds: new Uint8Array(room),
    metrics: new Int32Array(room),
    ms: new Float64Array(room),
    nanos: new Float64Array(room),
    values: new Float64Array(room * VALUES),
    tags: new Array<TagText | undefined>(room),
    texts: new Array<[Uint8Array, Uint8Array] | undefined>(room),
  };
}

type Columns = ReturnType<typeof makeColumns>;

function copyRow(from: Columns, at: number, to: Columns, target: number): void {
  to.keys[target] = from.keys[at] as number;
  to.kinds[target] = from.kinds[at] as number;
  to.metrics[target] = from.metrics[at] as number;
  to.ms[target] = from.ms[at] as number;
  to.nanos[target] = from.nanos[at] as number;
  to.tags[target] = from.tags[at];
  to.texts[target] = from.texts[at];
  for (let i = 0; i < VALUES; i++) to.values[target * VALUES + i] = from.values[at * VALUES + i] as number;
}
