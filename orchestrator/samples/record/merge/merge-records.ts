import { latin1 } from '../../recording/latin1.ts';
import type { Records } from '../../recording/records.ts';
import { createGauges } from './gauges.ts';
import { createRecordQueue, type RecordQueue, type TagText } from './record-queue.ts';
import { createTagTexts, type TagTexts } from './tag-texts.ts';

/** Several streams of records as one, as if one k6 had written them. */
export interface Merge {
  readonly parts: readonly MergePart[];
  /** Passes on what can be passed on. Call it after each piece of any stream. */
  drain(): void;
  /** All streams have begun their load, or ended without. */
  readonly hasBegun: boolean;
}

export interface MergePart extends Records {
  /** No more records will come from this one. */
  end(): void;
  /** The end of this one was not seen: nothing that is later than its last record will go on, because a part of it is missing. */
  cut(): void;
  /** Records that wait for the other streams. Whoever reads the stream waits, too, when they are many. */
  readonly waiting: number;
  /** Samples in those records. */
  countWaiting(): number;
  /** When its load began (epoch ms, start of the first request); NaN before that. */
  readonly begunAt: number;
  /** Requests before that: those of setup(). */
  readonly setupRequests: number;
  /** Its columns are not those of the first stream: it cannot be merged, and all its records are dropped. */
  readonly isForeign: boolean;
}

interface Part extends MergePart {
  readonly queue: RecordQueue;
  readonly hasEnded: boolean;
  /** It has ended, and all of it has come. */
  readonly isWhole: boolean;
  shift(): void;
}

/**
 * Merges by time: a record goes on when every other stream has come as far, or has ended. The order depends on the streams alone, not
 * on how fast they arrive, so a verdict does not either. k6 writes a line each second whatever happens, so nothing waits for long.
 *
 * Nothing of the load goes on before all streams have begun theirs: setup() runs in each of them, and what it sends is told from the
 * load by coming before it.
 */
export function mergeRecords(to: Records, count: number): Merge {
  let columns: string | null = null;
  let texts: TagTexts | null = null;
  const metrics = new Map<string, { readonly id: number; readonly isWanted: boolean }>();
  const gauges = createGauges(count);
  const parts = Array.from({ length: count }, (_, index) => createPart(index));
  let current = 0;

  function slotOf(tags: TagText): number {
    return (texts as TagTexts).slotOf(tags);
  }

  function createPart(index: number): Part {
    const queue = createRecordQueue();
    const summing: Records = {
      ...to,
      sample: (metric, slot, ms, nanos, millionths) =>
        to.sample(metric, slot, ms, nanos, gauges.sum(index, metric, millionths)),
    };
    /** Of this stream, by its own numbers. */
    const ids: number[] = [];
    const tagsAt: TagText[] = [];
    let begunAt = Number.NaN;
    let setupRequests = 0;
    let isForeign = false;
    let hasEnded = false;
    let isCut = false;

    const isLoad = (tags: TagText, start: number) => {
      if (Number.isNaN(begunAt) && tags.hasScenario) begunAt = start;
      return !Number.isNaN(begunAt);
    };

    return {
      queue,
      shift() {
        queue.shift(summing, slotOf);
        if (hasEnded && queue.length === 0) gauges.end(index);
      },
      columns(line) {
        const text = latin1(line);
        if (columns === null) {
          columns = text;
          texts = createTagTexts(to, text.split(',').slice(3, -1));
          to.columns(line);
        } else isForeign = columns !== text;
      },
      metric(id, bytes) {
        if (isForeign) return false;
        const name = latin1(bytes);
        let metric = metrics.get(name);
        if (metric === undefined) {
          metric = { id: metrics.size, isWanted: to.metric(metrics.size, bytes) };
          metrics.set(name, metric);
          gauges.metric(metric.id, name);
        }
        ids[id] = metric.id;
        return metric.isWanted;
      },
      tags(slot, text) {
        if (!isForeign) tagsAt[slot] = (texts as TagTexts).intern(text);
      },
      request(slot, ms, nanos, values, failed) {
        if (isForeign) return;
        const tags = tagsAt[slot] as TagText;
        const start = ms + (nanos - (values[0] as number) - (values[1] as number)) / 1e6;
        if (isLoad(tags, start)) queue.request(tags, ms, nanos, values, failed);
        else {
          setupRequests += 1;
          to.request(slotOf(tags), ms, nanos, values, failed);
        }
      },
      sample(metric, slot, ms, nanos, millionths) {
        if (isForeign) return;
        const tags = tagsAt[slot] as TagText;
        const id = ids[metric] as number;
        if (isLoad(tags, ms + nanos / 1e6)) queue.sample(id, tags, ms, nanos, millionths);
        else summing.sample(id, slotOf(tags), ms, nanos, millionths);
      },
      oddSample(metric, slot, ms, nanos, value, metadata) {
        if (isForeign) return;
        const tags = tagsAt[slot] as TagText;
        const id = ids[metric] as number;
        if (isLoad(tags, ms + nanos / 1e6)) queue.oddSample(id, tags, ms, nanos, value, metadata);
        else to.oddSample(id, slotOf(tags), ms, nanos, value, metadata);
      },
      unreadable: to.unreadable,
      end() {
        hasEnded = true;
        if (queue.length === 0) gauges.end(index);
      },
      cut() {
        isCut = true;
      },
      countWaiting: queue.countSamples,
      get waiting() {
        return queue.length;
      },
      get begunAt() {
        return begunAt;
      },
      get setupRequests() {
        return setupRequests;
      },
      get isForeign() {
        return isForeign;
      },
      get hasEnded() {
        return hasEnded;
      },
      get isWhole() {
        return hasEnded && !isCut;
      },
    };
  }

  const hasBegun = () => parts.every((part) => part.hasEnded || !Number.isNaN(part.begunAt));

  return {
    parts,
    get hasBegun() {
      return hasBegun();
    },
    drain() {
      if (!hasBegun()) return;
      for (;;) {
        let least = current;
        let key = parts[current]?.queue.key ?? Number.POSITIVE_INFINITY;
        for (let i = 0; i < parts.length; i++) {
          const { queue, isWhole } = parts[i] as Part;
          if (queue.length === 0 && !isWhole) return;
          // Of the same moment, the lines of one stream stay together: some make sense only as a group.
          if (queue.key < key) {
            key = queue.key;
            least = i;
          }
        }
        if (key === Number.POSITIVE_INFINITY) return;
        current = least;
        (parts[least] as Part).shift();
      }
    },
  };
}
