import type { Bounds, Measurement } from './types.ts';

/**
 * Bounds with head room, so that the same target, measured again, keeps them.
 *
 * Latency: the larger of five times the p95 and twice the slowest of the n requests, never below 100 ms, rounded up to 1, 1.5, 2, 3, 5 or
 * 7.5 times a power of ten. A later p95 is above twice the slowest of n = 50 only if the distribution itself has moved: the chance that
 * all of 50 draws lie below the true p95 is 0.95^50 = 8 %, and then twice the slowest is still well above it for anything with a lighter
 * tail than a log-normal of sigma 1.5. A shared machine alone moves a target by a factor of 1.6 from run to run.
 *
 * Errors: 5 %, or three times what failed plus 5 %. A bound for a first drill has to hold; tighten it when there are runs to compare.
 */
export function boundsFrom({ asked, failed, p95Ms, maxMs }: Measurement): Bounds {
  const share = asked === 0 ? 0 : failed / asked;
  return {
    p95Ms: asked - failed === 0 ? null : roundedUp(Math.max(100, 5 * p95Ms, 2 * maxMs)),
    errors: share === 0 ? 0.05 : Math.min(0.95, Math.ceil((3 * share + 0.05) * 100) / 100),
  };
}

/** Up to 1, 1.5, 2, 3, 5 or 7.5 times a power of ten. */
export function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 5, 7.5, 10].find((one) => one * power >= value - 1e-9) ?? 10;
  return Math.round(step * power);
}
