import { readFileSync, truncateSync } from 'node:fs';
import { type Damage, type JournalLine, journalEvent } from './events.ts';
import { GENESIS, hashOf, type JournalEnd } from './journal.ts';
import { whatDoesNotFit } from './shapes.ts';

export interface JournalContents {
  readonly lines: readonly JournalLine[];
  /** Every place where the chain does not hold. */
  readonly damages: readonly Damage[];
  /** The first of them, in words; null when the chain holds. */
  readonly damage: string | null;
  /** Bytes after the last whole line: a write that a crash cut short. */
  readonly tornBytes: number;
  /** What the next line has to follow. */
  readonly end: JournalEnd;
}

/**
 * Reads and checks the chain. A torn tail (no newline, at the very end) is what a crash leaves, and is no damage; everything
 * else that does not fit is. Lines after damage are still read, so that undo can use them; one of a strange shape is left out.
 * @throws when the file cannot be read
 */
export function readJournal(file: string): JournalContents {
  const bytes = readFileSync(file);
  const wholeEnd = bytes.lastIndexOf(10) + 1;
  const lines: JournalLine[] = [];
  const damages: Damage[] = [];
  const end = { seq: -1, hash: GENESIS };
  // What a damaged line's hash was is not known: the line after it can only be checked by its number.
  let isHashKnown = true;
  const texts = bytes.subarray(0, wholeEnd).toString('utf8').split('\n').slice(0, -1);
  for (const [index, text] of texts.entries()) {
    const raw = parseLine(text);
    const isIntact = raw !== null && raw.hash === hashOf(raw);
    const follows = raw?.seq === end.seq + 1 && (!isHashKnown || raw.prev === end.hash);
    const number = index + 1;
    if (raw === null) damages.push({ line: number, kind: 'unreadable' });
    else if (!isIntact) damages.push({ line: number, kind: 'changed' });
    else if (!follows) damages.push({ line: number, kind: 'gap' });
    end.seq = isIntact ? raw.seq : end.seq + 1;
    end.hash = raw?.hash ?? end.hash;
    isHashKnown = isIntact;
    if (raw === null) continue;
    const event = journalEvent.safeParse(raw.event);
    if (event.success) lines.push({ ...raw, event: event.data });
    // A changed line need not fit.
    else if (isIntact) damages.push({ line: number, kind: 'strange', why: whatDoesNotFit(event.error) });
  }
  const [first] = damages;
  return {
    lines,
    damages,
    damage: first ? describeDamage(first) : null,
    tornBytes: bytes.length - wholeEnd,
    end,
  };
}

export function describeDamage({ line, kind, why }: Damage): string {
  return `line ${line} ${DAMAGE[kind]}${why === undefined ? '' : ` (${why})`}`;
}

const DAMAGE = {
  changed: 'was changed (its hash does not match)',
  unreadable: 'is not a journal line',
  strange: 'is none that this squall writes',
  gap: 'does not follow the line before it',
} as const;

/** Cuts a torn tail off, so that the next line starts on a line of its own. */
export function repairTail(file: string, contents: JournalContents): void {
  if (contents.tornBytes === 0) return;
  truncateSync(file, readFileSync(file).length - contents.tornBytes);
}

/** A line whose event has not been looked at. */
type RawLine = Omit<JournalLine, 'event'> & { readonly event: object };

function parseLine(text: string): RawLine | null {
  try {
    const line: unknown = JSON.parse(text);
    return isLine(line) ? line : null;
  } catch {
    return null;
  }
}

/** Tells a line from what is none; whether its event fits is a question of its own (`strange`). */
function isLine(line: unknown): line is RawLine {
  return (
    typeof line === 'object' &&
    line !== null &&
    'seq' in line &&
    typeof line.seq === 'number' &&
    'at' in line &&
    typeof line.at === 'number' &&
    'prev' in line &&
    typeof line.prev === 'string' &&
    'hash' in line &&
    typeof line.hash === 'string' &&
    'event' in line &&
    typeof line.event === 'object' &&
    line.event !== null
  );
}
