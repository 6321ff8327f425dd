import type { SuiteComparison } from '../../../chaos/schema/suite.ts';
import type { Between } from '../calibration/calibration.ts';
import { type Compared, compareSlots, FAMILY_ALPHA } from './compare-slots.ts';
import { lookAlphas } from './look-alphas.ts';
import type { Slots } from './read-slots.ts';

/**
 * The decision of a comparison that ends early, before all starts were measured. A pure function, as compareSlots.
 * @param starts those that were measured
 * @param of how many there are to be
 * @param familyAlpha what this comparison has of it, for all of its looks
 * @returns null: it goes on, because nothing has plainly regressed
 */
export function earlyLook(
  comparison: SuiteComparison,
  starts: readonly Slots[],
  of: number,
  between: Between | null,
  familyAlpha = FAMILY_ALPHA,
): Compared | null {
  const alpha = lookAlphas(of, between !== null, familyAlpha)[starts.length - 1] ?? null;
  if (alpha === null || starts.length >= of) return null;
  const pairs = Math.floor((starts.length * comparison.slots.pairs) / of);
  const look = compareSlots(comparison, starts, between, { alpha, pairs });
  const isOver = look.problems.length === 0 && look.results.some(({ answer }) => answer === 'regressed');
  return isOver ? look : null;
}

/** The decision when all `of` starts were measured: with what the looks before it have left of the alpha. */
export function lastLook(
  comparison: SuiteComparison,
  starts: readonly Slots[],
  of: number,
  between: Between | null,
  familyAlpha = FAMILY_ALPHA,
): Compared {
  const alpha = lookAlphas(of, between !== null, familyAlpha).at(-1) ?? familyAlpha;
  return compareSlots(comparison, starts, between, { alpha });
}
