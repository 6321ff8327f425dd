import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { sleep } from '../clock.ts';

/** A page of a database's log. */
const PAGE_BYTES = 8_192;
const EVERY_MS = 50;

/**
 * How long this disk takes to keep a small write for good (fdatasync), in milliseconds at the 95th percentile, watched for so long. That
 * is what a database waits for before it acknowledges a commit, and what other work on the same disk makes slow.
 */
export async function diskSyncP95Ms(
  directory: string,
  { forMs }: { readonly forMs: number },
): Promise<number> {
  mkdirSync(directory, { recursive: true });
  const work = mkdtempSync(path.join(directory, 'sync-'));
  const file = await open(path.join(work, 'log'), 'w');
  const took: number[] = [];
  const until = performance.now() + forMs;
  try {
    do {
      const from = performance.now();
      await file.write(Buffer.alloc(PAGE_BYTES, took.length));
      await file.datasync();
      took.push(performance.now() - from);
      await sleep(EVERY_MS);
    } while (performance.now() < until);
  } finally {
    await file.close();
    rmSync(work, { recursive: true, force: true });
  }
  took.sort((a, b) => a - b);
  return took[Math.ceil(took.length * 0.95) - 1] ?? 0;
}
