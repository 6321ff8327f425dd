import { latin1 } from '../../recording/latin1.ts';
import type { Records } from '../../recording/records.ts';
import { csvRecord, parseCsvRecord } from '../csv-record.ts';
import { MAX_TAILS } from '../known-texts.ts';

/**
 * Records with one text for each set of tags. k6-operator gives each runner two tags of its own, and k6 writes tags of a script in any
 * order, another one in each line: without this, the lines of one request would not be known as such, and the same request of two
 * runners would be two kinds of request.
 */
export function plainTags(to: Records): Records {
  let known = new Map<string, Plain>();
  let columns: ReadonlySet<string> = new Set();
  const at: Plain[] = [];

  function plainOf(text: string): Plain {
    let plain = known.get(text);
    if (plain === undefined) {
      // A script that puts ids into its URLs makes a new text for each request: memory stays what it is.
      if (known.size >= MAX_TAILS) known = new Map();
      plain = { text, slot: known.size, of: known };
      known.set(text, plain);
      to.tags(plain.slot, Buffer.from(text, 'latin1'));
    }
    return plain;
  }

  /** Its number now: all are numbered anew when there were too many. */
  function slotOf(slot: number): number {
    let plain = at[slot] as Plain;
    if (plain.of !== known) {
      plain = plainOf(plain.text);
      at[slot] = plain;
    }
    return plain.slot;
  }

  return {
    columns(line) {
      columns = new Set(parseCsvRecord(latin1(line)).slice(3, -2));
      to.columns(line);
    },
    metric: to.metric,
    tags(slot, text) {
      at[slot] = plainOf(plainText(latin1(text), columns));
    },
    request: (slot, ms, nanos, values, failed) => to.request(slotOf(slot), ms, nanos, values, failed),
    sample: (metric, slot, ms, nanos, millionths) => to.sample(metric, slotOf(slot), ms, nanos, millionths),
    oddSample: (metric, slot, ms, nanos, value, metadata) =>
      to.oddSample(metric, slotOf(slot), ms, nanos, value, metadata),
    unreadable: to.unreadable,
  };
}

interface Plain {
  readonly text: string;
  readonly slot: number;
  readonly of: ReadonlyMap<string, Plain>;
}

const OF_RUNNER = /^(instance_id=\d+|testrun_name=[-a-z0-9.]+)$/;

/** Without the tags of the runner, and with those of the script in one order where no piece can mean anything else. */
function plainText(text: string, columns: ReadonlySet<string>): string {
  if (!text.includes('=')) return text;
  const fields = parseCsvRecord(text);
  const pieces = (fields.pop() ?? '').split('&').filter((piece) => !OF_RUNNER.test(piece));
  const keys = pieces.map((piece) => piece.slice(0, Math.max(0, piece.indexOf('='))));
  const isClear = new Set(keys).size === keys.length && keys.every((key) => key !== '' && !columns.has(key));
  return csvRecord([...fields, (isClear ? pieces.sort() : pieces).join('&')]);
}
