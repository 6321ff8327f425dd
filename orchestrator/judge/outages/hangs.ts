/** Iterations of one scenario that were under way when k6 cut them off at the end of the load: nothing came back to them. */
export interface Hang {
  readonly scenario: string;
  /** The last sign of life before it: an answer, or an iteration that came to its end. */
  readonly from: number;
  /** When they were cut off. */
  readonly to: number;
  /** So many of them had sent something, and had received not one byte, that the target is known to have left them without an answer. */
  readonly isUnanswered: boolean;
}

export interface HangFinder {
  /** A request came back, well or not. */
  request(scenario: string, end: number): void;
  iteration(scenario: string, end: number): void;
  iterationDuration(scenario: string, end: number, durationMs: number): void;
  /** k6 counts the bytes of each iteration that is over, those that it cut off among them. */
  over(scenario: string, end: number, sentBytes: number): void;
  /** What the same iteration received; k6 writes it right after what it sent. */
  received(scenario: string, end: number, bytes: number): void;
  hangs(): Hang[];
}

/** A shorter one is nothing to be sure of. */
const MIN_HANG_MS = 1000;
/** Times the longest iteration before the first fault: no think time is that long. */
const LONGEST_FACTOR = 2;
/** This share of those that were at work before the first fault has to be stuck: a few slow ones are not a hang. */
const STUCK_SHARE = 0.5;

/**
 * A user of a closed model is at work all the time. With less than that it is an open loop: one dead connection would be half of it,
 * while a target that hangs collects an iteration with each arrival.
 */
const ONE_USER = 0.9;
const FEWEST_OF_OPEN_LOOP = 3;

/**
 * Finds what k6 says nothing of: it writes no sample for a request that it cuts off when the load (and its graceful stop) is over, so a
 * target that hangs for good shows no failure. What it does write is the traffic of every iteration, also of one that it cut off, and
 * `iterations` only for those that came to their end. A scenario that ends earlier, idles or ramps down cuts off nobody, or a few. Think
 * time is part of an iteration: the silence has to be far longer than any whole one. One load each; `disturbedFrom`: the first fault, or
 * Infinity where there is none.
 */
export function createHangFinder(disturbedFrom: number): HangFinder {
  const scenarios = new Map<string, Life>();

  function lifeOf(scenario: string): Life {
    let life = scenarios.get(scenario);
    if (life === undefined) {
      life = { ...NO_LIFE };
      scenarios.set(scenario, life);
    }
    return life;
  }

  function sign(scenario: string, at: number): void {
    const life = lifeOf(scenario);
    if (at > life.lastSign) life.lastSign = at;
    if (at >= life.lastOver) {
      life.cutOff = 0;
      life.unanswered = 0;
    }
  }

  return {
    request: sign,
    iteration: sign,
    iterationDuration(scenario, end, durationMs) {
      if (end >= disturbedFrom) return;
      const life = lifeOf(scenario);
      life.longestMs = Math.max(life.longestMs, durationMs);
      life.busyMs += durationMs;
      life.firstStart = Math.min(life.firstStart, end - durationMs);
      life.lastEnd = Math.max(life.lastEnd, end);
    },
    over(scenario, end, sentBytes) {
      const life = lifeOf(scenario);
      life.sentBytes = sentBytes;
      if (end > life.lastOver) life.lastOver = end;
      if (end > life.lastSign) life.cutOff += 1;
    },
    received(scenario, end, bytes) {
      const life = lifeOf(scenario);
      if (end > life.lastSign && life.sentBytes > 0 && bytes === 0) life.unanswered += 1;
      life.sentBytes = 0;
    },
    hangs() {
      return [...scenarios].flatMap(([scenario, life]) => {
        const atWork = life.busyMs / (life.lastEnd - life.firstStart);
        const silentMs = life.lastOver - life.lastSign;
        const fewest = atWork < ONE_USER ? FEWEST_OF_OPEN_LOOP : STUCK_SHARE * atWork;
        const isHang =
          life.longestMs > 0 &&
          life.cutOff >= fewest &&
          silentMs >= MIN_HANG_MS &&
          silentMs > LONGEST_FACTOR * life.longestMs;
        if (!isHang || life.cutOff === 0) return [];
        const isUnanswered = life.unanswered > 0 && life.unanswered >= fewest;
        return [{ scenario, from: life.lastSign, to: life.lastOver, isUnanswered }];
      });
    },
  };
}

interface Life {
  lastSign: number;
  /** The last iteration that was over, whole or cut off. */
  lastOver: number;
  /** Iterations that were over since the last sign of life. */
  cutOff: number;
  /** Those of them that sent something and received nothing. */
  unanswered: number;
  /** What the iteration sent of which k6 writes next what it received. */
  sentBytes: number;
  longestMs: number;
  /** Of whole iterations before the first fault: their lengths together, and from when to when they were. */
  busyMs: number;
  firstStart: number;
  lastEnd: number;
}

const NO_LIFE: Life = {
  lastSign: Number.NEGATIVE_INFINITY,
  lastOver: Number.NEGATIVE_INFINITY,
  cutOff: 0,
  unanswered: 0,
  sentBytes: 0,
  longestMs: 0,
  busyMs: 0,
  firstStart: Number.POSITIVE_INFINITY,
  lastEnd: Number.NEGATIVE_INFINITY,
};
