import os from 'node:os';
import path from 'node:path';
import { HIDDEN } from '../../chaos/secret-texts.ts';
import { isLoopback, portOf } from './sources/url.ts';
import type { ListenerView, Source } from './types.ts';

/**
 * How a pipeline starts the system: its compose file, or the command of a process that runs in this folder. Null: not known.
 * `isKilled`: the drill kills it, and there is no supervisor in a pipeline, so a loop has to start it again.
 */
export function startOf(
  source: Source,
  listeners: readonly ListenerView[],
  cwd: string,
  { isKilled = false } = {},
): string | null {
  const { compose, baseUrl } = source;
  if (compose !== null) return `docker compose -f ${quoted(path.relative(cwd, compose.file))} up -d --wait`;
  if (baseUrl === null || !isLoopback(baseUrl)) return null;
  const port = portOf(baseUrl);
  const found = listeners.find((one) => one.port === port)?.process;
  if (!found || found.directory === null) return null;
  const folder = path.relative(cwd, found.directory);
  if (folder.startsWith('..') || path.isAbsolute(folder)) return null;
  if (!isWhole(found.command)) return null;
  const [program = '', ...rest] = found.command;
  // `go run .` makes its program anew each time.
  const at = path.resolve(found.directory, program);
  if (isBelow(os.tmpdir(), at) && !isBelow(cwd, at)) return null;
  // What lies elsewhere on this machine is not in the repository, and so not in the pipeline. Programs are on the PATH.
  if (rest.some((one) => path.isAbsolute(one) && !isBelow(cwd, one))) return null;
  const { directory } = found;
  const words = [
    path.isAbsolute(program) && !isBelow(cwd, program) ? path.basename(program) : program,
    ...rest,
  ].map((one) => quoted(path.isAbsolute(one) ? path.relative(directory, one) : one));
  const ask = `until curl -so /dev/null ${quoted(baseUrl.replace(/^ws/, 'http'))}; do sleep 1; done`;
  const command = isKilled
    ? `sh -c ${quoted(`while true; do ${words.join(' ')}; sleep 1; done`)}`
    : words.join(' ');
  const step = `${folder === '' ? '' : `cd ${quoted(folder)} && `}nohup ${command} > /dev/null 2>&1 & timeout 60 sh -c ${quoted(ask)}`;
  // GitHub would take it for an expression of its own, wherever it stands.
  return step.includes('${{') ? null : step;
}

/** Not where a word was hidden, nor where the process has written a title over its command line: `puma 6.4.2 (tcp://…) [shop]`. */
function isWhole(command: readonly string[]): boolean {
  const isTitle = command.length === 1 && /\s/.test(command[0] ?? '');
  return !isTitle && !command.some((word) => word.includes(HIDDEN));
}

function isBelow(folder: string, file: string): boolean {
  return !path.relative(folder, file).startsWith('..');
}

function quoted(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
