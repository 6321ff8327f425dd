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
 * @throws if another process holds it, and for nothing else: a hold that cannot be written down must not prevent the undo
 */
export function acquireHold(directory: string, silent: string | null = null): () => void {
  const file = holdOf(directory);
  const draft = `${file}.${randomUUID()}`;
  const own = JSON.stringify({ ...identify(process.pid), place: ownPlace() });
  const isDrafted = succeeds(() => writeFileSync(draft, own, { mode: 0o600 }));
  try {
    const { text, other } = holderIn(file);
    if (other !== null && (isAlive(other) || (isElsewhere(other.place) && text !== silent)))
      throw new Error(`pid ${other.pid}${onHost(other.place)} is recovering it right now`);
    if (!isDrafted || !replace(file, draft, own)) return () => {};
  } finally {
    succeeds(() => rmSync(draft, { force: true }));
  }
  const stopRenewing = keepRenewing(file, (held) => held === own);
  return () => {
    stopRenewing();
    succeeds(() => rmSync(file, { force: true }));
  };
}

/** Takes the place of a dead holder. False where it cannot be written. @throws if another process was faster */
function replace(file: string, draft: string, own: string): boolean {
  try {
    rmSync(file, { force: true });
    linkOrWrite(file, draft, own);
    return true;
  } catch (error) {
    if (isThere(error)) throw new Error('another process is recovering it right now');
    return false;
  }
}

/** link(), so that nobody reads half a file; some file systems have none. */
function linkOrWrite(file: string, draft: string, own: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    if (isThere(error)) throw error;
    writeFileSync(file, own, { mode: 0o600, flag: 'wx' });
  }
}

function isThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}

function succeeds(write: () => void): boolean {
  try {
    write();
    return true;
  } catch {
    return false;
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
