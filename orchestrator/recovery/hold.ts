import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { identify, isAlive } from '../../chaos/process-identity.ts';
import { processIdentity } from '../journal/shapes.ts';
import { isElsewhere, keepRenewing, onHost, ownPlace, silentElsewhere } from './elsewhere.ts';

/**
 * Held while a dead run is being undone. Two processes at once would both append to the journal after the same line and break its chain.
 * Returns the function that releases it.
 * @param silent what `silentHolder` found: a holder elsewhere is alive unless it has been watched
 * @throws if another process holds it
 */
export function acquireHold(directory: string, silent: string | null = null): () => void {
  const file = holdOf(directory);
  const draft = `${file}.${randomUUID()}`;
  try {
    // link(), so that nobody reads half a file.
    const own = JSON.stringify({ ...identify(process.pid), place: ownPlace() });
    writeFileSync(draft, own, { mode: 0o600 });
    const { text, other } = holderIn(file);
    if (other !== null && (isAlive(other) || (isElsewhere(other.place) && text !== silent)))
      throw new Error(`pid ${other.pid}${onHost(other.place)} is recovering it right now`);
    rmSync(file, { force: true });
    linkSync(draft, file);
    const stopRenewing = keepRenewing(file, (held) => held === own);
    return () => {
      stopRenewing();
      rmSync(file, { force: true });
    };
  } catch (error) {
    // A full or read-only disk must not prevent the undo.
    if (['ENOSPC', 'EROFS', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return () => {};
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** What a holder elsewhere has written, if it gives no sign of life; else null. Takes a while only then. */
export function silentHolder(directory: string, silenceMs?: number): Promise<string | null> {
  return silentElsewhere(holdOf(directory), silenceMs);
}

function holdOf(directory: string): string {
  return path.join(directory, 'recovering.json');
}

const holder = processIdentity.extend({ place: z.string().optional() });

function holderIn(file: string): { readonly text: string; readonly other: z.infer<typeof holder> | null } {
  try {
    const text = readFileSync(file, 'utf8');
    return { text, other: holder.safeParse(JSON.parse(text)).data ?? null };
  } catch {
    return { text: '', other: null };
  }
}
