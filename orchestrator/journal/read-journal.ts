import { readFileSync, truncateSync } from 'node:fs';
import type { JournalLine } from '../journal.types.ts';
import { GENESIS, hashOf } from './journal.ts';

export interface JournalContents {
  readonly lines: readonly JournalLine[];
  /** A line that was changed, removed or garbled, named; null when the chain holds. */
  readonly damage: string | null;
  /** Bytes after the last whole line: a write that a crash cut short. */
  readonly tornBytes: number;
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
  let damage: string | null = null;
  let prev = GENESIS;
  const texts = bytes.subarray(0, wholeEnd).toString('utf8').split('\n').slice(0, -1);
  for (const [index, text] of texts.entries()) {
    const line = parseLine(text);
    if (line === null) {
      damage ??= `line ${index + 1} is not a journal line`;
      continue;
    }
    if (line.hash !== hashOf(line)) damage ??= `line ${index + 1} was changed (its hash does not match)`;
    else if (line.prev !== prev || line.seq !== index)
      damage ??= `line ${index + 1} does not follow the line before it`;
    prev = line.hash;
    lines.push(line);
  }
  return { lines, damage, tornBytes: bytes.length - wholeEnd };
}

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
