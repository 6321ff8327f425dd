import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '../../chaos/process-identity.ts';
import { processIdentity } from '../journal/shapes.ts';

/**
 * Held while a dead run is being undone. Two processes at once would both append to the journal after the same line and break its chain.
 * Returns the function that releases it. @throws if another process holds it
 */
export function acquireHold(directory: string): () => void {
  const file = path.join(directory, 'recovering.json');
  const draft = `${file}.${randomUUID()}`;
  try {
    // link(), so that nobody reads half a file.
    writeFileSync(draft, JSON.stringify(identify(process.pid)), { mode: 0o600 });
    const other = identityIn(file);
    if (other !== null && isAlive(other)) throw new Error(`pid ${other.pid} is recovering it right now`);
    rmSync(file, { force: true });
    linkSync(draft, file);
    return () => rmSync(file, { force: true });
  } catch (error) {
    // A full or read-only disk must not prevent the undo.
    if (['ENOSPC', 'EROFS', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return () => {};
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function identityIn(file: string): ProcessIdentity | null {
  try {
    return processIdentity.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data ?? null;
  } catch {
    return null;
  }
}
