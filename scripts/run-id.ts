import { randomBytes } from 'node:crypto';

/** Sorts by time, names the drill or suite, and does not collide with another run started in the same second. */
export function newRunId(name: string): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${name}-${randomBytes(2).toString('hex')}`;
}
