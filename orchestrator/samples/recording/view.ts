import { parseCsvRecord } from '../record/csv-record.ts';
import { REQUEST_METRICS, type Records, type SampleVisitor } from './records.ts';
import { createTagSets, type TagSet, type TagSets } from './tag-sets.ts';

export interface View extends Records {
  /** No more samples will come. Reports a request that is still open if the text is whole; answers whether the last one was cut. */
  end(isWhole: boolean): boolean;
  /** Different tag combinations were so many that names were given up; see tag-sets.ts. */
  readonly folded: boolean;
}

/**
 * Tells a visitor what is in the records: requests as such, and the samples that it wants with their names and tags.
 * @param mostTagSets from this number on they are folded together; left out: as tag-sets.ts says
 */
export function createView(visitor: SampleVisitor, mostTagSets?: number): View {
  let tagSets: TagSets | null = null;
  const sets: TagSet[] = [];
  /** Before the first sample of a scenario, by slot: tags that mean something else after it. */
  let ofSetup: Map<number, string> | null = new Map();
  const metrics: Metric[] = [];
  /** Those of a request whose values are wanted one by one. */
  const wantedParts: Metric[] = [];
  // A request whose lines come one by one: k6 did not judge it, or it has metadata, or it was cut.
  let open: TagSet | null = null;
  let openEnd = 0;
  let openDuration = 0;
  let openBlocked = 0;
  let openPart = 0;
  let columns: ReadonlySet<string> = new Set();
  let judgesRequests = false;

  function begin(): void {
    tagSets?.begin();
    for (const [slot, text] of ofSetup ?? []) sets[slot] = (tagSets as TagSets).of(text);
    ofSetup = null;
  }

  function setOf(slot: number): TagSet {
    if (ofSetup !== null && sets[slot]?.tags.scenario !== undefined) begin();
    return sets[slot] as TagSet;
  }

  /** @param failed null: k6 did not judge it */
  function close(failed: boolean | null): void {
    if (open === null) return;
    const tags = open;
    open = null;
    const looks = failed === null ? statusSays(tags.tags, columns) : null;
    if (failed === null) visitor.unjudged?.(tags, looks !== null);
    visitor.request(tags, openEnd, openDuration, openBlocked, failed ?? looks ?? false);
  }

  /** Is a line of this request missing? k6 says of each one that it judges whether it failed. */
  function isCut(request: TagSet): boolean {
    if (openPart < LAST_TIME && judgesRequests) return true;
    // Without the column nobody knows: the status, which judges it then, is there in any case.
    if (!columns.has('expected_response')) return false;
    // Anything else in this column is a tag of the script, of a request that k6 was not to judge.
    return /^(true|false)$/.test(request.tags.expected_response ?? '');
  }

  function part(name: string, place: number, tags: TagSet, time: number, value: number): void {
    if (place > 0) openPart = place;
    if (name === 'http_reqs') {
      close(null);
      open = tags;
      openEnd = time;
      openDuration = 0;
      openBlocked = 0;
      openPart = 0;
    } else if (name === 'http_req_duration') openDuration = value;
    else if (name === 'http_req_blocked') openBlocked = value;
    else if (name === 'http_req_failed') {
      judgesRequests = true;
      close(value !== 0);
    }
  }

  function one(metric: Metric, tags: TagSet, time: number, value: number, metadata: Uint8Array): void {
    const { name, place, isWanted } = metric;
    // Whoever reads a recording does not get these: they must not matter.
    if (!isWanted && place < 0) return;
    if (place >= 0) part(name, place, tags, time, value);
    else if (open !== null) close(null);
    if (!isWanted) return;
    const text = metadata.length === 0 ? '' : (parseCsvRecord(textOf(metadata))[0] ?? '');
    visitor.sample(name, tags, time, value, text);
  }

  return {
    columns(line) {
      const names = parseCsvRecord(textOf(line)).slice(3, -1);
      columns = new Set(names);
      tagSets = createTagSets(names, mostTagSets);
    },
    metric(id, bytes) {
      const name = textOf(bytes);
      const place = REQUEST_METRICS.indexOf(name as never);
      const metric = { name, place, isWanted: visitor.wants(name) };
      metrics[id] = metric;
      if (metric.isWanted && place >= 0) wantedParts.push(metric);
      return metric.isWanted || place >= 0;
    },
    tags(slot, text) {
      const record = textOf(text);
      const set = (tagSets as TagSets).of(record);
      sets[slot] = set;
      ofSetup?.delete(slot);
      if (!set.inLoad) ofSetup?.set(slot, record);
    },
    request(slot, ms, nanos, values, failed) {
      if (open !== null) close(null);
      judgesRequests = true;
      const tags = setOf(slot);
      const time = ms + nanos / 1e6;
      visitor.request(tags, time, (values[0] as number) / 1e6, (values[1] as number) / 1e6, failed);
      for (const { name, place } of wantedParts) {
        const value =
          place === 0 ? 1 : place > values.length ? Number(failed) : Number(values[place - 1]) / 1e6;
        visitor.sample(name, tags, time, value, '');
      }
    },
    sample(id, slot, ms, nanos, millionths) {
      one(metrics[id] as Metric, setOf(slot), ms + nanos / 1e6, millionths / 1e6, NOTHING);
    },
    oddSample(id, slot, ms, nanos, valueText, metadata) {
      const value = Number(textOf(valueText).replace('Inf', 'Infinity'));
      one(metrics[id] as Metric, setOf(slot), ms + nanos / 1e6, value, metadata);
    },
    unreadable() {},
    end(isWhole) {
      const lacksLines = open !== null && isCut(open);
      // A request without its last lines has an unknown outcome: it is not reported.
      if (isWhole && !lacksLines) close(null);
      return lacksLines;
    },
    get folded() {
      return tagSets?.folded ?? false;
    },
  };
}

interface Metric {
  readonly name: string;
  /** Among REQUEST_METRICS, or -1. */
  readonly place: number;
  readonly isWanted: boolean;
}

const NOTHING = new Uint8Array(0);
/** The last line of a request but its judgement. */
const LAST_TIME = REQUEST_METRICS.indexOf('http_req_receiving');

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

/**
 * Whether a request failed that k6 was told not to judge (`responseCallback: null`): by k6's default, 200 to 399 is good. k6 writes the
 * status of every request, 0 without an answer. An `error_code` may be the script's own tag where there was an answer, so it counts only
 * without a status. Null: neither is there.
 */
function statusSays(tags: Readonly<Record<string, string>>, columns: ReadonlySet<string>): boolean | null {
  if (columns.has('status')) {
    const status = Number(tags.status ?? 0);
    return !(status >= 200 && status < 400);
  }
  return columns.has('error_code') ? tags.error_code !== undefined : null;
}
