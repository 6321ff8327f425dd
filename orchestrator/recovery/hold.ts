import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '../../chaos/process-identity.ts';
import { processIdentity } from '../journal/shapes.ts';

/**
 * For whoever undoes a dead run's faults. Two at once would both go on with the journal behind the same line, and break its chain.
 * @throws when another is at it
 */
export function acquireHold(directory: string): () => void {
  const file = path.join(directory, 'recovering.json');
  const draft = `${file}.${randomUUID()}`;
  try {
    // link(), so that nobody ever reads half of it.
    writeFileSync(draft, JSON.stringify(identify(process.pid)), { mode: 0o600 });
    const other = identityIn(file);
    if (other !== null && isAlive(other)) throw new Error(`pid ${other.pid} is recovering it right now`);
    rmSync(file, { force: true });
    linkSync(draft, file);
    return () => rmSync(file, { force: true });
  } catch (error) {
    // A disk that is full, or may only be read, keeps nobody from undoing.
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
