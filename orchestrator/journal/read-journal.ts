import { readFileSync, truncateSync } from 'node:fs';
import { type Damage, type JournalLine, journalEvent } from './events.ts';
import { GENESIS, hashOf, type JournalEnd } from './journal.ts';
import { whatDoesNotFit } from './shapes.ts';

export interface JournalContents {
  readonly lines: readonly JournalLine[];
  /** Every damaged line. */
  readonly damages: readonly Damage[];
  /** The first of them, in words; null when the journal is intact. */
  readonly damage: string | null;
  /** Bytes after the last complete line, from a write that a crash interrupted. */
  readonly tornBytes: number;
  /** What the next line must follow. */
  readonly end: JournalEnd;
}

/**
 * Reads the lines and checks the chain. A torn tail (no newline at the very end) comes from a crash and is not damage; everything else
 * that does not fit is. Lines after damage are still read, so that they can be undone; lines of a strange shape are left out.
 * @throws when the file cannot be read
 */
export function readJournal(file: string): JournalContents {
  const bytes = readFileSync(file);
  const wholeEnd = bytes.lastIndexOf(10) + 1;
  const lines: JournalLine[] = [];
  const damages: Damage[] = [];
  const end = { seq: -1, hash: GENESIS };
  // The hash of a damaged line is unknown, so only the number of the next line can be checked.
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
    // A changed line is already reported.
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
  strange: 'is not one that this squall writes',
  gap: 'does not follow the line before it',
} as const;

/** Cuts off a torn tail, so that the next entry starts on a new line. */
export function repairTail(file: string, contents: JournalContents): void {
  if (contents.tornBytes === 0) return;
  truncateSync(file, readFileSync(file).length - contents.tornBytes);
}

/** A line whose event has not been checked yet. */
type RawLine = Omit<JournalLine, 'event'> & { readonly event: object };

function parseLine(text: string): RawLine | null {
  try {
    const line: unknown = JSON.parse(text);
    return isLine(line) ? line : null;
  } catch {
    return null;
  }
}

/** Checks everything except the event; an event that does not fit makes the line `strange`. */
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
