import path from 'node:path';
import { inert } from './inert.ts';

/** Where something is in a file: line and column count from 1, columns in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The way to a value in the document, e.g. `['faults', 0, 'at']`. */
export type Path = readonly (string | number)[];

/** A definition's text with the places of everything in it, kept for errors that are found after loading. */
export interface Source {
  /** Absolute path. */
  readonly file: string;
  /** The file as messages name it: relative to the working directory where it is below it. */
  readonly shown: string;
  readonly text: string;
  /** The place of a value, or of its key; of the nearest parent when there is no such value in the file. */
  readonly placeOf: (path: Path, part?: 'key' | 'value') => Place;
}

/** A definition, checked against its schema, defaults filled in, paths in it absolute. */
export interface Loaded<T> extends Source {
  readonly value: T;
}

/** `faults[0].params.delay`; keys that are not plain words are in brackets and quotes. Empty for the document itself. */
export function formatPath(parts: Path): string {
  let text = '';
  for (const part of parts.slice(0, 40)) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][\w-]{0,63}$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `["${inert(part, 40)}"]`;
  }
  return text;
}

/** A file's name for messages. Never starts with a character that a log viewer could take for a command. */
export function shownFile(file: string, cwd = process.cwd()): string {
  const relative = path.relative(cwd, file);
  const name = relative === '' || relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
  const safe = inert(name, 300);
  return /^[\w./]/.test(safe) ? safe : `./${safe}`;
}

/** Turns offsets into places. */
export function lineIndex(text: string): { place: (offset: number) => Place; line: (n: number) => string } {
  const starts = [0];
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return {
    place(offset) {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
    },
    line: (n) =>
      text.slice(starts[n - 1] ?? text.length, (starts[n] ?? text.length + 1) - 1).replace(/\r$/, ''),
  };
}
