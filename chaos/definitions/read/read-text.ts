import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { DefinitionError, issueAtPlace } from '../issues/definition-error.ts';
import { UNSAFE } from '../issues/inert.ts';
import { lineIndex, type Place, shownFile } from '../issues/source.ts';

/** Definitions are written by hand: a few kB. What is larger is a mistake or an attack. */
export const MAX_BYTES = 256 * 1024;

export interface TextFile {
  readonly file: string;
  readonly shown: string;
  readonly text: string;
}

/**
 * Reads a definition's text: a regular file of valid UTF-8 without control characters, at most MAX_BYTES long.
 * @throws DefinitionError
 */
export async function readText(file: string): Promise<TextFile> {
  const shown = shownFile(file);
  const refuse = (rule: string, fix: string, place: Place = { line: 1, column: 1 }, text = '') =>
    new DefinitionError([issueAtPlace({ shown, text }, place, [], { rule, fix })]);

  const bytes = await readBounded(file).catch((error: NodeJS.ErrnoException) => {
    throw refuse(...explain(error));
  });
  if (bytes === 'not a file')
    throw refuse('this is not a regular file', 'give the path of a drill or an environment in YAML');
  if (bytes.length > MAX_BYTES)
    throw refuse(
      `the file is too large (more than ${MAX_BYTES / 1024} kB)`,
      'a definition takes a few kB: is it the right file?',
    );
  const text = decode(bytes);
  if (text === undefined) {
    throw refuse('the file is not valid UTF-8', 'save it as UTF-8', placeOfBadByte(bytes));
  }
  const bad = firstUnsafe(text);
  if (bad !== undefined) {
    const code = (text.codePointAt(bad) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    throw refuse(
      `the character U+${code} is not allowed: it is invisible, or obeyed by terminals`,
      'remove it; inside double quotes write it as an escape if it is really meant',
      lineIndex(text).place(bad),
      text,
    );
  }
  return { file, shown, text };
}

async function readBounded(file: string): Promise<Buffer | 'not a file'> {
  if (file.includes('\0')) return 'not a file';
  // Non-blocking: opening a FIFO must not hang.
  const handle = await open(file, O_RDONLY_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) return 'not a file';
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}

const O_RDONLY_NONBLOCK = constants.O_RDONLY | constants.O_NONBLOCK;

function explain(error: NodeJS.ErrnoException): [rule: string, fix: string] {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return [
        'there is no such file',
        'check the path; it is relative to the working directory, for example chaos/drills/spike.yaml',
      ];
    case 'EACCES':
    case 'EPERM':
      return ['the file may not be read', 'give yourself permission to read it'];
    case 'ENAMETOOLONG':
      return ['the file name is too long', 'check the path'];
    default:
      return [`the file cannot be read (${error.code ?? 'unknown error'})`, 'check the path and the disk'];
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The longest prefix that is valid ends right before the bad byte. */
function placeOfBadByte(bytes: Uint8Array): Place {
  const text = new TextDecoder('utf-8').decode(bytes);
  const offset = text.indexOf('\ufffd');
  return lineIndex(text).place(offset === -1 ? text.length : offset);
}

function firstUnsafe(text: string): number | undefined {
  for (const match of text.matchAll(UNSAFE)) {
    if (!/[\t\n\r]/.test(match[0])) return match.index;
  }
  return undefined;
}
