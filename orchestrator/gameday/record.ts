import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import path from 'node:path';
import { now } from '../clock.ts';
import { RefusalError } from '../refusal.ts';
import { type GamedayEvent, type RecordLine, recordLine } from './events.ts';

const RECORD = 'gameday.jsonl';

export interface GamedayRecord {
  /** On disk when it returns. @throws when it cannot be written */
  append(event: GamedayEvent): void;
  readonly lines: readonly RecordLine[];
  close(): void;
}

/**
 * Opens the record in this directory: a new one, or one to go on with.
 * @throws RefusalError when a new one is there already, or there is none to go on with
 */
export function openRecord(
  directory: string,
  resume: boolean,
  onAppend: (lines: readonly RecordLine[]) => void,
): GamedayRecord {
  const file = path.join(directory, RECORD);
  const lines = resume ? [...readRecord(directory)] : [];
  if (resume) dropHalfLine(file);
  const descriptor = open(file, resume);
  return {
    lines,
    append(event) {
      const line = { at: now(), event };
      writeSync(descriptor, `${JSON.stringify(line)}\n`);
      fsyncSync(descriptor);
      lines.push(line);
      onAppend(lines);
    },
    close: () => closeSync(descriptor),
  };
}

/** @throws RefusalError when there is none, or it is damaged before its last line */
export function readRecord(directory: string): readonly RecordLine[] {
  const file = path.join(directory, RECORD);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new RefusalError(`${directory} holds no game day: ${(error as Error).message}`);
  }
  // What follows the last line end was being written when squall was killed.
  const whole = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '');
  const lines = whole.map((line, index) => parse(line, `${file}, line ${index + 1}`));
  if (lines[0]?.event.type !== 'gameday-started')
    throw new RefusalError(`${file} does not begin with the start of a game day`);
  return lines;
}

function parse(line: string, place: string): RecordLine {
  try {
    return recordLine.parse(JSON.parse(line));
  } catch {
    throw new RefusalError(
      `${place} is not one that squall writes: it was changed, or is from a newer squall`,
    );
  }
}

/** Squall was killed while it wrote: the next line must not be glued to what there is of that one. */
function dropHalfLine(file: string): void {
  const bytes = readFileSync(file);
  truncateSync(file, bytes.lastIndexOf(0x0a) + 1);
}

function open(file: string, resume: boolean): number {
  try {
    return openSync(file, resume ? 'a' : 'ax', 0o600);
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new RefusalError(
      taken ? `${file} is there already` : `${file} cannot be written: ${(error as Error).message}`,
      taken ? { fix: 'name another directory with --out, or go on with that game day: --resume' } : {},
    );
  }
}
