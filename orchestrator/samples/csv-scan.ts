import {
  COMMA,
  DOT,
  endOfValue,
  metadataAt,
  NEWLINE,
  NINE,
  numberAt,
  QUOTE,
  startsWithWords,
  timeAt,
  ZERO,
} from './csv-bytes.ts';
import { createCarry } from './csv-carry.ts';
import {
  BLOCKED,
  createMetrics,
  DURATION,
  FAILED,
  FOLLOWER,
  HTTP,
  LEADER,
  type Metric,
  REQS,
} from './csv-metrics.ts';
import { parseCsvRecord } from './csv-record.ts';
import { createTails, type Tails } from './csv-tails.ts';
import { createTagSets, type TagSet, type TagSets } from './tag-sets.ts';

/** Gets what the scan finds, in the order of the file. Times are epoch milliseconds with fractions. */
export interface SampleVisitor {
  /** Asked once per metric name: should its samples be reported one by one? */
  wants(metric: string): boolean;
  /**
   * One HTTP request, put together from its (up to nine) lines. It started at `end - duration - blocked`: k6 does not count the
   * time until it had a connection (`blocked`) into the duration. `failed` as k6 judged it (http_req_failed).
   */
  request(tags: TagSet, end: number, durationMs: number, blockedMs: number, failed: boolean): void;
  /** One sample of a metric that `wants` asked for. `metadata` as in the file, mostly empty. */
  sample(metric: string, tags: TagSet, time: number, value: number, metadata: string): void;
}

export interface CsvScan {
  /** Takes the next bytes. The chunk may be reused afterwards. */
  push(chunk: Uint8Array): void;
  /** No more bytes will come. Reports the last request and says whether the text was whole. */
  end(): ScanEnd;
  /** Time of the newest sample so far; 0 before the first. */
  readonly newest: number;
  readonly samples: number;
}

export interface ScanEnd {
  readonly complete: boolean;
  /** Why not: no header, a last line that was cut, lines that cannot be read. */
  readonly detail: string;
  readonly samples: number;
  /** Different tag combinations were so many that names were given up; see tag-sets.ts. */
  readonly folded: boolean;
}

/**
 * Scans k6's CSV output (`--out csv`, K6_CSV_TIME_FORMAT=unix_nano) byte by byte. The text of the tags is looked at once per
 * different combination, and of the nine lines of a request only the first one's: the others repeat it.
 */
export function createCsvScan(visitor: SampleVisitor): CsvScan {
  const carry = createCarry(readLines);
  let header: Header | null = null;
  let damage = '';
  let malformed = 0;
  let samples = 0;
  let newest = 0;
  const metrics = createMetrics((name) => visitor.wants(name));

  // The request whose lines are being read.
  let open = false;
  let openTags: TagSet | null = null;
  let openEnd = 0;
  let openDuration = 0;
  let openBlocked = 0;
  /** 1 failed, 0 not, -1 k6 did not say. */
  let openFailed = -1;
  /** This k6 says of each request whether it failed: one without that line is cut. */
  let judgesRequests = false;
  // The first line of a group (a request, or the four lines that end an iteration): the others repeat its time and its tags.
  let groupTime = -1;
  let groupNanosHead = -1;
  let groupNanosTail = -1;
  let groupLength = 0;
  let groupTags: TagSet | null = null;

  function closeRequest(): void {
    if (!open || openTags === null) return;
    open = false;
    const failed = openFailed >= 0 ? openFailed === 1 : looksFailed(openTags.tags);
    visitor.request(openTags, openEnd, openDuration, openBlocked, failed);
  }

  /** Reads whole lines from the buffer; returns where the first unread byte is. Hot: what it touches per line is in locals. */
  function scan({ tails, metadataComma }: Header, bytes: Uint8Array, start: number, end: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let line = start;
    let count = 0;
    let last: Metric | null = null;
    while (line < end) {
      let isHere = true;
      // biome-ignore lint/suspicious/noConfusingLabels: five ways out of a line, one place to go; a call per line would cost speed
      read: {
        // Lines come in the same order again and again: the metric that followed last time is a good guess.
        let metric: Metric | null = last === null ? null : last.next;
        let at = line;
        if (metric !== null) {
          const { words } = metric;
          at = line + metric.bytes.length;
          const fits = words !== null && at + SHORTEST <= end && bytes[at] === COMMA;
          if (!fits || !startsWithWords(view, line, words, metric.bytes.length)) metric = null;
        }
        if (metric === null) {
          let hash = 0;
          for (at = line; at < end && bytes[at] !== COMMA && bytes[at] !== NEWLINE; at++) {
            hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
          }
          isHere = at + SHORTEST <= end;
          if (!isHere || bytes[at] !== COMMA) break read;
          metric = metrics.at(bytes, line, at, hash);
          if (last !== null) last.next = metric;
        }
        if (bytes[at + 20] !== COMMA) break read;
        const { kind } = metric;

        // Six digits of nanoseconds are enough to know the group's time again.
        const timeFrom = at + 1;
        const nanosHead = view.getUint32(timeFrom + 13);
        const nanosTail = view.getUint16(timeFrom + 17);
        const follows =
          (kind & FOLLOWER) !== 0 && nanosHead === groupNanosHead && nanosTail === groupNanosTail;

        const valueFrom = at + 21;
        let value = 0;
        // k6 prints six decimals: where nobody wants the value, its end is one of a few places.
        at = metric.valued ? -1 : endOfValue(bytes, valueFrom);
        if (at < 0) {
          at = valueFrom;
          let byte = bytes[at] as number;
          while (byte >= ZERO && byte <= NINE) {
            value = value * 10 + byte - ZERO;
            byte = bytes[++at] as number;
          }
          if (byte === DOT && at > valueFrom && bytes[at + 7] === COMMA && at + 7 < end) {
            let fraction = 0;
            for (let i = at + 1; i < at + 7; i++) fraction = fraction * 10 + (bytes[i] as number) - ZERO;
            value += fraction / 1e6;
            at += 7;
          } else {
            // Negative, NaN, infinite, another number of decimals, or not all here yet.
            at = bytes.indexOf(COMMA, valueFrom);
            isHere = at >= 0 && at < end;
            if (!isHere) break read;
            value = numberAt(bytes, valueFrom, at);
          }
        }
        at += 1;

        let tags: TagSet;
        let time: number;
        let metadataFrom = -1;
        if (follows && at + groupLength < end && bytes[at + groupLength] === NEWLINE) {
          tags = groupTags as TagSet;
          time = groupTime;
          at += groupLength;
        } else {
          const tailFrom = at;
          const recent = tails.recentAt(bytes, view, at, end);
          if (recent !== null) {
            tags = recent.tags;
            at += recent.length;
          } else {
            let commas = 0;
            let quoted = false;
            let hash = 0;
            for (; at < end; at++) {
              const c = bytes[at] as number;
              if (c === COMMA) {
                if (!quoted && ++commas === metadataComma) break;
              } else if (c === QUOTE) quoted = !quoted;
              else if (c === NEWLINE && !quoted) break;
              hash = Math.imul(hash ^ c, 16777619);
            }
            const tailTo = at;
            if (commas === metadataComma) {
              metadataFrom = at + 1;
              for (at += 1; at < end; at++) {
                const c = bytes[at] as number;
                if (c === QUOTE) quoted = !quoted;
                else if (c === NEWLINE && !quoted) break;
                else if (c === COMMA && !quoted) commas += 1;
              }
            }
            isHere = at < end;
            if (!isHere) break read;
            if (commas !== metadataComma) {
              malformed += 1;
              line = at + 1;
              last = null;
              continue;
            }
            tags = tails.of(bytes, tailFrom, tailTo, hash, at > metadataFrom);
          }
          time = timeAt(bytes, timeFrom);
          if (!(time > 1e12 && time < 1e13)) break read;
          if ((kind & LEADER) !== 0) {
            groupTime = time;
            groupNanosHead = nanosHead;
            groupNanosTail = nanosTail;
            groupLength = at - tailFrom;
            groupTags = tags;
          }
        }

        count += 1;
        if (time > newest) newest = time;
        if ((kind & HTTP) !== 0) {
          if (kind === REQS) {
            closeRequest();
            open = true;
            openTags = tags;
            openEnd = time;
            openDuration = 0;
            openBlocked = 0;
            openFailed = -1;
          } else if (kind === DURATION) openDuration = value;
          else if (kind === BLOCKED) openBlocked = value;
          else if (kind === FAILED) {
            openFailed = value === 0 ? 0 : 1;
            judgesRequests = true;
            closeRequest();
          }
        } else if (open) closeRequest();
        if (metric.wanted) {
          const metadata = metadataFrom >= 0 && at > metadataFrom ? metadataAt(bytes, metadataFrom, at) : '';
          visitor.sample(metric.name, tags, time, value, metadata);
        }
        last = metric;
        line = at + 1;
        continue;
      }
      // Not all of the line is here yet, or it is none that k6 writes.
      const newline = isHere ? bytes.indexOf(NEWLINE, line) : -1;
      const known = newline >= 0 && newline < end;
      if (!known && end - line < MAX_LINE) break;
      malformed += 1;
      last = null;
      line = known ? newline + 1 : end;
    }
    samples += count;
    return line;
  }

  function readLines(bytes: Uint8Array, start: number, end: number): number {
    const from = header === null ? readHeader(bytes, start, end) : start;
    if (header !== null) return scan(header, bytes, from, end);
    return damage === '' ? start : end;
  }

  function readHeader(bytes: Uint8Array, start: number, end: number): number {
    const newline = bytes.indexOf(NEWLINE, start);
    const isHere = newline >= 0 && newline < end;
    if (!isHere && end - start <= MAX_LINE) return start;
    const columns = isHere
      ? parseCsvRecord(Buffer.from(bytes.subarray(start, newline)).toString('utf8'))
      : [];
    if (!isHeader(columns)) {
      damage = 'the first line is not a CSV header of k6';
      return start;
    }
    const tagSets = createTagSets(columns.slice(3, -1));
    // The tags begin after three fields, and the last of them is the metadata.
    header = { metadataComma: columns.length - 4, tagSets, tails: createTails(tagSets) };
    return newline + 1;
  }

  return {
    push(piece) {
      if (damage === '') carry.push(piece);
    },
    end() {
      const cut = carry.left > 0 || (open && openFailed < 0 && judgesRequests);
      // A request without its last lines has an unknown outcome: it is not reported.
      if (!cut || openFailed >= 0) closeRequest();
      const detail =
        damage !== ''
          ? damage
          : header === null
            ? 'no header: k6 wrote nothing'
            : malformed > 0
              ? `${malformed} ${malformed === 1 ? 'line' : 'lines'} cannot be read`
              : cut
                ? carry.left > 0
                  ? 'the last line is cut'
                  : 'the last request is cut'
                : '';
      return { complete: detail === '', detail, samples, folded: header?.tagSets.folded ?? false };
    },
    get newest() {
      return newest;
    },
    get samples() {
      return samples;
    },
  };
}

interface Header {
  /** How many commas stand between the first byte of the tags and the metadata. */
  readonly metadataComma: number;
  readonly tagSets: TagSets;
  readonly tails: Tails;
}

/** A longer line is garbage: k6 limits no tag, but nobody's tags take a megabyte. */
const MAX_LINE = 1 << 20;
/** After the name: 19 digits between two commas, the shortest value and a newline. */
const SHORTEST = 22;

function isHeader(columns: readonly string[]): boolean {
  return (
    columns[0] === 'metric_name' &&
    columns[1] === 'timestamp' &&
    columns[2] === 'metric_value' &&
    columns.at(-2) === 'extra_tags' &&
    columns.at(-1) === 'metadata'
  );
}

/** For scripts that switched k6's own judgement off (setResponseCallback(null)): no answer at all is a failure. */
function looksFailed(tags: Readonly<Record<string, string>>): boolean {
  if (tags.expected_response !== undefined) return tags.expected_response === 'false';
  return tags.status === '0' || tags.error !== undefined;
}
