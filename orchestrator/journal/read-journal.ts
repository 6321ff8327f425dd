import { readFileSync, truncateSync } from 'node:fs';
import type { Damage, JournalLine } from './events.ts';
import { GENESIS, hashOf, type JournalEnd } from './journal.ts';

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
 * else that does not fit is. Lines after damage are still read as far as they parse, so that undo can use them.
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
    const line = parseLine(text);
    const isIntact = line !== null && line.hash === hashOf(line);
    const follows = line?.seq === end.seq + 1 && (!isHashKnown || line.prev === end.hash);
    if (line === null) damages.push({ line: index + 1, kind: 'unreadable' });
    else if (!isIntact) damages.push({ line: index + 1, kind: 'changed' });
    else if (!follows) damages.push({ line: index + 1, kind: 'gap' });
    end.seq = isIntact ? line.seq : end.seq + 1;
    end.hash = line?.hash ?? end.hash;
    isHashKnown = isIntact;
    if (line !== null) lines.push(line);
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

export function describeDamage({ line, kind }: Damage): string {
  return `line ${line} ${DAMAGE[kind]}`;
}

const DAMAGE = {
  changed: 'was changed (its hash does not match)',
  unreadable: 'is not a journal line',
  gap: 'does not follow the line before it',
} as const;

/** Cuts a torn tail off, so that the next line starts on a line of its own. */
export function repairTail(file: string, contents: JournalContents): void {
  if (contents.tornBytes === 0) return;
  truncateSync(file, readFileSync(file).length - contents.tornBytes);
}

function parseLine(text: string): JournalLine | null {
  try {
    const line = JSON.parse(text) as Partial<JournalLine> | null;
    const whole =
      typeof line?.seq === 'number' &&
      typeof line.at === 'number' &&
      typeof line.prev === 'string' &&
      typeof line.hash === 'string' &&
      typeof line.event === 'object' &&
      typeof line.event?.type === 'string';
    return whole ? (line as JournalLine) : null;
  } catch {
    return null;
  }
}
