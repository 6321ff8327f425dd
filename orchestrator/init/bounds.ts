import type { Bounds, Measurement } from './types.ts';

/**
 * Bounds with head room, so that the same target, measured again, keeps them.
 *
 * Latency: the larger of eight times the p95 and four times the slowest of the n requests, never below 250 ms, rounded up to 1, 1.5, 2, 3,
 * 5 or 7.5 times a power of ten. With n = 50 the slowest is the 98th percentile at the median, so that a later p95 reaches four times it only
 * where the distribution itself has moved. A shared machine moves a target by a factor of 1.6 from run to run, and a busy one makes
 * requests of a few milliseconds take more than 100.
 *
 * Errors: 5 %, or three times what failed plus 5 %. A bound for a first drill has to hold; tighten it when there are runs to compare.
 */
export function boundsFrom({ asked, failed, limited, p95Ms, maxMs }: Measurement): Bounds {
  // What was refused for being too often is no failure of a load that asks less often.
  const share = asked - limited === 0 ? 0 : (failed - limited) / (asked - limited);
  return {
    p95Ms: asked - failed === 0 ? null : roundedUp(Math.max(250, 8 * p95Ms, 4 * maxMs)),
    errors: share === 0 ? 0.05 : Math.min(0.95, Math.ceil((3 * share + 0.05) * 100) / 100),
  };
}

/** Up to 1, 1.5, 2, 3, 5 or 7.5 times a power of ten. */
export function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 5, 7.5, 10].find((one) => one * power >= value - 1e-9) ?? 10;
  return Math.round(step * power);
}
