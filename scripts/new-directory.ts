import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { journalOf } from '../orchestrator/journal/run-directory.ts';
import { RefusalError } from '../orchestrator/refusal.ts';
import { STOP_SIGNALS } from '../orchestrator/run/stopper.ts';
import { exitCodeOf, exitCodes } from './exit.ts';
import { newRunId } from './run-id.ts';

/** Runs in a directory of its own, which is removed if it was refused; signals end it after the part that is running. */
export async function inNewDirectory<T>(
  out: string | undefined,
  name: string,
  use: (
    directory: string,
    rest: { readonly stopped: () => boolean; readonly say: (text: string) => void },
  ) => Promise<T>,
): Promise<T> {
  const directory = path.resolve(out ?? path.join('reports', newRunId(name)));
  if (existsSync(directory)) throw new RefusalError(`${directory} is there already: give another --out`);
  let stopped = false;
  // Each drill treats them as a request to stop; no other is begun then.
  for (const signal of STOP_SIGNALS)
    process.on(signal, () => {
      stopped = true;
    });
  mkdirSync(directory, { recursive: true });
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  try {
    return await use(directory, { stopped: () => stopped, say });
  } catch (error) {
    // Left there, it would be in the way of the next one with the same --out.
    if (exitCodeOf(error) === exitCodes.usage && !hasRun(directory)) rmSync(directory, { recursive: true });
    throw error;
  }
}

/** A part has a journal as soon as it runs. */
function hasRun(directory: string): boolean {
  return readdirSync(directory).some((part) => existsSync(journalOf(path.join(directory, part))));
}
