import { beforeAll, beforeEach } from 'vitest';

const TIMEOUT_MS = 180_000;

/**
 * Records once before the tests of a suite, and again for a test that a pipeline tries again: it would else look at the same record.
 * @param record why there is nothing to look at (a busy machine): the tests are skipped; empty when all is well
 */
export function recordFirst(record: () => Promise<string>): void {
  let tooBusy = '';
  beforeAll(async () => {
    tooBusy = await record();
  }, TIMEOUT_MS);
  beforeEach(async ({ skip, task }) => {
    if ((task.result?.retryCount ?? 0) > 0) {
      tooBusy = await record();
      // A skip here would hide the failure that is tried again.
      if (tooBusy !== '') throw new Error(tooBusy);
    }
    skip(tooBusy !== '', tooBusy);
  }, TIMEOUT_MS);
}
