import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { now } from '../clock.ts';
import type { JournalEvent, JournalLine } from './events.ts';

/** The first line's `prev`. */
export const GENESIS = '0'.repeat(64);

/** The last line, as far as the next one has to follow it. */
export type JournalEnd = Pick<JournalLine, 'seq' | 'hash'>;

export interface Journal {
  /** Appends one line; it is on disk (fsync) when this returns. @throws when the disk refuses: nothing may happen then. */
  append(event: JournalEvent, at?: number): JournalLine;
  /**
   * The lines have their places at once, and are on disk when this resolves: all by one fsync. A disk takes milliseconds for that, in which links that
   * squall carries would stand still: what is written when a fault is due must not be the first thing that disturbs.
   * Await it before `close`. @throws as `append`
   */
  appendAside(...events: readonly JournalEvent[]): Promise<readonly JournalLine[]>;
  readonly closed: () => boolean;
  close(): void;
}

/** Opens a journal for appending: a new one, or (with its end) one that another process left. */
export function openJournal(file: string, last?: JournalEnd, onLine?: (line: JournalLine) => void): Journal {
  const descriptor = openSync(file, last ? 'a' : 'ax', 0o600);
  // The name of a new file is only safe once its directory is on disk, too.
  if (!last) syncDirectory(path.dirname(file));
  let seq = last ? last.seq + 1 : 0;
  let prev = last ? last.hash : GENESIS;
  let closed = false;
  const next = (event: JournalEvent, at: number, sync: (descriptor: number) => void): JournalLine => {
    // By now the descriptor's number may be another file's: the report's, for example.
    if (closed) throw new Error('the journal is closed');
    const body = { seq, at, event, prev };
    const line: JournalLine = { ...body, hash: hashOf(body) };
    appendWhole(descriptor, `${JSON.stringify(line)}\n`, sync);
    seq += 1;
    prev = line.hash;
    onLine?.(line);
    return line;
  };
  return {
    append: (event, at = now()) => next(event, at, fsyncSync),
    async appendAside(...events) {
      const lines = events.map((event) => next(event, now(), () => {}));
      await synced(descriptor);
      return lines;
    },
    closed: () => closed,
    close() {
      if (closed) return;
      closed = true;
      closeSync(descriptor);
    },
  };
}

const synced = promisify(fsync);

/** SHA-256 over the line's other members in this order; `prev` chains it to the line before. */
export function hashOf(line: Omit<JournalLine, 'hash' | 'event'> & { readonly event: object }): string {
  const { seq, at, event, prev } = line;
  return createHash('sha256').update(JSON.stringify({ seq, at, event, prev })).digest('hex');
}

/** All of it, or nothing: half a line of a full disk would break the chain for every line that still fits behind it. */
function appendWhole(descriptor: number, text: string, sync: (descriptor: number) => void): void {
  const bytes = Buffer.from(text);
  const { size } = fstatSync(descriptor);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    sync(descriptor);
  } catch (error) {
    ftruncateSync(descriptor, size);
    throw error;
  }
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
