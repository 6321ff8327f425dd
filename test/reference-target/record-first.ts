import { beforeAll, beforeEach } from 'vitest';

const TIMEOUT_MS = 180_000;

/**
 * Records once before the tests of a suite, and again for a test that a pipeline tries again: it would else look at the same record.
 * @param record why there is nothing to look at (a busy machine): the tests are skipped; empty when all is well. Again: it is worth
 *   some patience, since nothing to look at is a failure then
 */
export function recordFirst(record: (again: boolean) => Promise<string>): void {
  let tooBusy = '';
  beforeAll(async () => {
    tooBusy = await record(false);
  }, TIMEOUT_MS);
  beforeEach(async ({ skip, task }) => {
    if ((task.result?.retryCount ?? 0) > 0) {
      tooBusy = await record(true);
      // A skip here would hide the failure that is tried again.
      if (tooBusy !== '') throw new Error(tooBusy);
    }
    skip(tooBusy !== '', tooBusy);
  }, TIMEOUT_MS);
}
