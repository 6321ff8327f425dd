import { FAMILY_ALPHA } from './compare-slots.ts';

/** The share of the alpha that all looks before the last one may spend: little, so that the last one loses hardly any power. */
const EARLY_SHARE = 0.1;
/**
 * One start of each side shows nothing of the difference between starts, and two little: of a target whose starts come in two modes, one
 * comparison in sixteen has both of its slow starts on one side, however far apart the modes are. Where starts were measured that is known.
 */
const FEWEST_STARTS = { calibrated: 2, not: 3 };

/**
 * The alpha of the decision after each start of both sides; null: none is made then. A comparison of which something has regressed at an
 * early look ends there. The alphas of all looks together are that of the comparison, so a false `regressed` at any of them is no more likely
 * than it is at one look (union bound); as Haybittle and Peto spend it, most is left for the last.
 * @param isCalibrated whether it was measured how far starts differ
 * @param alpha of the comparison
 */
export function lookAlphas(starts: number, isCalibrated: boolean, alpha = FAMILY_ALPHA): (number | null)[] {
  const fewest = isCalibrated ? FEWEST_STARTS.calibrated : FEWEST_STARTS.not;
  const early = Math.max(0, starts - fewest);
  const spent = early > 0 ? EARLY_SHARE * alpha : 0;
  return Array.from({ length: starts }, (_, i) => {
    if (i === starts - 1) return alpha - spent;
    return i + 1 < fewest ? null : spent / early;
  });
}
