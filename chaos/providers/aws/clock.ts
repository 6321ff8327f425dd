/**
 * How far AWS's clock is from ours, from the Date header of each answer. The header has whole seconds and was written between sending
 * and receiving: AWS's time minus ours lies in [Date - received, Date + 1 s - sent]. The intersection of all answers is a few
 * milliseconds wide after some dozens of calls.
 */
export interface AwsClock {
  note(sentAt: number, receivedAt: number, dateHeader: string | undefined): void;
  /** AWS's time as ours: it was at most `at`, and at most `withinMs` earlier. */
  ours(awsMs: number): { readonly at: number; readonly withinMs: number };
  /** The middle of what is known of AWS's time minus ours, in milliseconds. */
  offsetMs(): number;
}

/** Before the first answer: it may be anything. */
const UNKNOWN_MS = 300_000;
const HEADER_STEP_MS = 1_000;

export function createClock(): AwsClock {
  let least = -UNKNOWN_MS;
  let most = UNKNOWN_MS;
  return {
    note(sentAt, receivedAt, dateHeader) {
      const date = Date.parse(dateHeader ?? '');
      if (Number.isNaN(date)) return;
      const low = date - receivedAt;
      const high = date + HEADER_STEP_MS - sentAt;
      // One of the two clocks was set: what was known before counts no more.
      const isStep = low > most || high < least;
      least = isStep ? low : Math.max(least, low);
      most = isStep ? high : Math.min(most, high);
    },
    ours(awsMs) {
      // Events in whole seconds may have been anywhere in that second.
      const stepMs = awsMs % HEADER_STEP_MS === 0 ? HEADER_STEP_MS : 1;
      return { at: awsMs + stepMs - least, withinMs: most - least + stepMs };
    },
    offsetMs: () => (least + most) / 2,
  };
}
