/** How much a request adds to the budget: one retry for five requests, in the long run. */
const earnedPerRequest = 0.2;
/** What a burst may take: enough for everything that waits for a replica when it dies. */
const most = 200;

/**
 * Retries make up for the loss of one replica. When all are slow they make things worse, because each retry is additional load. So
 * retries come out of a budget that requests fill (as in Finagle's RetryBudget).
 */
export function createRetryBudget(): { earn(): void; take(): boolean } {
  let balance = most;
  return {
    earn() {
      if (balance < most) balance += earnedPerRequest;
    },
    take() {
      if (balance < 1) return false;
      balance -= 1;
      return true;
    },
  };
}
