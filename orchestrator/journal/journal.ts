import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { now } from '../clock.ts';
import type { JournalEvent, JournalLine } from './events.ts';

/** The first line's `prev`. */
export const GENESIS = '0'.repeat(64);

/** The part of the last line that the next one refers to. */
export type JournalEnd = Pick<JournalLine, 'seq' | 'hash'>;

export interface Journal {
  /** Appends one line, which is on disk (fsync) when this returns. @throws if it cannot be written: then nothing may be changed */
  append(event: JournalEvent, at?: number): JournalLine;
  /**
   * Appends lines at once and resolves when they are on disk, all with one fsync. An fsync takes milliseconds; done synchronously,
   * it would stall the links that squall carries just before a fault. Await it before `close`. @throws like `append`
   */
  appendAside(...events: readonly JournalEvent[]): Promise<readonly JournalLine[]>;
  readonly closed: () => boolean;
  close(): void;
}

/** Opens a journal for appending: a new one, or, given its end, an existing one. */
export function openJournal(file: string, last?: JournalEnd, onLine?: (line: JournalLine) => void): Journal {
  const descriptor = openSync(file, last ? 'a' : 'ax', 0o600);
  // A new file's name is safe only once its directory is on disk, too.
  if (!last) syncDirectory(path.dirname(file));
  let seq = last ? last.seq + 1 : 0;
  let prev = last ? last.hash : GENESIS;
  let closed = false;
  const next = (event: JournalEvent, at: number, sync: (descriptor: number) => void): JournalLine => {
    // The descriptor's number may belong to another file by now, such as the report.
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

/** Writes all or nothing: half a line on a full disk would break the chain for all later lines. */
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
