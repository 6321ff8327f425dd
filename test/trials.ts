import fc from 'fast-check';
import { seededRandom } from '../orchestrator/statistics/random.ts';

/** How often something is tried, in `npm run test:faults` and in the test command. */
export interface Counts {
  readonly full: number;
  readonly sample: number;
}

/**
 * SQUALL_FULL=1 takes the full counts (`npm run test:faults`); SQUALL_QUICK=1 a tenth of the sample (`npm test -- --quick`);
 * SQUALL_TRIES is the count itself, for a part of a long series.
 */
export function countOf({ full, sample }: Counts): number {
  if (process.env.SQUALL_TRIES) return Number(process.env.SQUALL_TRIES);
  return process.env.SQUALL_FULL ? full : runs(sample);
}

/** How often a property without a full count is tried: all of it, or a tenth in a quick run. */
export function runs(count: number): number {
  return process.env.SQUALL_QUICK ? Math.ceil(count / 10) : count;
}

/** Prints what is tried, how often and with which seed. SQUALL_SEED sets the seed, to reproduce a failure. */
export function trials(title: string, counts: Counts): { count: number; seed: number; random: () => number } {
  const count = countOf(counts);
  const seed = Number(process.env.SQUALL_SEED ?? Date.now() % 2 ** 31);
  process.stdout.write(`${title}: trying ${count} of ${counts.full}, seed ${seed}\n`);
  return { count, seed, random: seededRandom(seed) };
}

/** Runs a property this many times. */
export async function holds<T>(title: string, property: fc.IRawProperty<T>, counts: Counts): Promise<void> {
  const { count, seed } = trials(title, counts);
  await fc.assert(property as fc.IAsyncProperty<T>, { numRuns: count, seed, endOnFailure: false });
}

/**
 * Does `work` for 0 … count-1, several at a time, because such trials mostly wait. When one fails, no further one begins, and those under
 * way are waited for: they would be in the way of the next try.
 */
export async function inParallel(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index).catch((error) => {
        next = count;
        throw error;
      });
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  for (const one of lanes) if (one.status === 'rejected') throw one.reason;
}
