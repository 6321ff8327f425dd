import { randomInt } from 'node:crypto';
import type { Settings } from '../lib/settings.ts';
import type { Database } from './database.ts';

/** 1 write in N, counted, not random, so that a run with N writes certainly has one. */
export const forgetsThisWrite = oneIn('forget-writes');
export const storesThisWriteTwice = oneIn('duplicate-writes');
export const meetsDeadlock = oneIn('deadlock-writes');

/** A UUID in its form alone. The clock counts, so that two replicas never give the same one. */
export function countedId(): string {
  const nanos = BigInt(Date.now()) * 1_000n + (process.hrtime.bigint() % 1_000n);
  return `00000000-0000-4000-8000-${nanos.toString(16).slice(-12).padStart(12, '0')}`;
}

/** A real deadlock beside the write, without consequences for it: two statements take two locks in opposite order. */
export function lockInCircle(database: Database): void {
  const lockBoth = 'SELECT pg_advisory_xact_lock($1), pg_sleep(0.05), pg_advisory_xact_lock($2)';
  // Locks of their own: in a queue for the same two they would keep the pool from everybody else.
  const [one, other] = [randomInt(2 ** 40), randomInt(2 ** 40)];
  void database.query(lockBoth, [one, other]).catch(() => {});
  void database.query(lockBoth, [other, one]).catch(() => {});
}

function oneIn(
  setting: 'forget-writes' | 'duplicate-writes' | 'deadlock-writes',
): (settings: Settings) => boolean {
  let seen = 0;
  return (settings) => {
    const n = settings[setting];
    if (n === 0) return false;
    seen += 1;
    return seen % n === 0;
  };
}
