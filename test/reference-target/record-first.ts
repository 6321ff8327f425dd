import { beforeAll, beforeEach } from 'vitest';

const TIMEOUT_MS = 180_000;

/**
 * Records once before the tests of a suite, and again for a test that a pipeline retries, which would otherwise see the same record.
 * @param record returns why there is nothing to look at (a busy machine), and the tests are skipped; empty when all is well. `again`:
 *   be patient, because nothing to look at is a failure then
 */
export function recordFirst(record: (again: boolean) => Promise<string>): void {
  let tooBusy = '';
  beforeAll(async () => {
    tooBusy = await record(false);
  }, TIMEOUT_MS);
  beforeEach(async ({ skip, task }) => {
    if ((task.result?.retryCount ?? 0) > 0) {
      tooBusy = await record(true);
      // A skip here would hide the failure that is being retried.
      if (tooBusy !== '') throw new Error(tooBusy);
    }
    skip(tooBusy !== '', tooBusy);
  }, TIMEOUT_MS);
}
