import type { RunStarted, WritesChecked } from '../journal/events.ts';
import { many } from '../objectives/number-text.ts';
import type { WritesResult } from '../verdict.types.ts';

/**
 * Acknowledged writes against those that are there. Null when the drill does not ask.
 * @param acknowledged how many the samples of the load tell of
 * @param wasCutShort something cut the run short: then nobody looks them up
 */
export function judgeWrites(
  started: RunStarted,
  checked: WritesChecked | undefined,
  acknowledged: number,
  wasCutShort = false,
): WritesResult | null {
  const bound = started.drill.writes;
  if (bound === undefined && checked === undefined) return null;
  const { lostIds = [], duplicatedIds = [], seesDuplicates = true } = checked ?? {};
  const row = (result: WritesResult['result'], reason: string): WritesResult => ({
    acknowledged: checked?.acknowledged ?? acknowledged,
    present: checked?.present ?? 0,
    lost: lostIds.length,
    duplicated: duplicatedIds.length,
    lostIds,
    duplicatedIds,
    ...(seesDuplicates ? {} : { seesDuplicates }),
    ...(bound === undefined ? {} : { allowed: { lost: bound.lost, duplicated: bound.duplicated } }),
    result,
    reason,
  });
  const lost = `${many(lostIds.length, 'acknowledged write is', 'acknowledged writes are')} lost${some(lostIds)}`;
  const duplicated = `${many(duplicatedIds.length, 'is', 'are')} there more than once${some(duplicatedIds)}`;
  if (bound !== undefined && lostIds.length > bound.lost) {
    return row('FAIL', duplicatedIds.length > bound.duplicated ? `${lost}, ${duplicated}` : lost);
  }
  if (bound !== undefined && duplicatedIds.length > bound.duplicated) return row('FAIL', duplicated);
  if (checked === undefined)
    return { ...row('INVALID', 'they were never looked up'), ...(wasCutShort ? { notMeasured: true } : {}) };
  if (checked.failure !== null) return row('INVALID', `the look-up failed: ${checked.failure}`);
  if (checked.acknowledged < acknowledged) {
    return row('INVALID', `${checked.acknowledged} of ${acknowledged} acknowledged writes were looked up`);
  }
  if (bound !== undefined && checked.acknowledged === 0) {
    return row('INVALID', 'no write was acknowledged, so none could be lost');
  }
  const there = `${checked.present} of ${checked.acknowledged} acknowledged writes are there`;
  if (duplicatedIds.length > 0)
    return row('PASS', `${there}, ${duplicatedIds.length} of them more than once`);
  return row('PASS', seesDuplicates ? `${there}, once each` : `${there}; ${NOT_SEEN}`);
}

const NOT_SEEN = 'whether one is there twice cannot be told from a look-up of one at a time (`each`)';

function some(ids: readonly string[]): string {
  if (ids.length === 0) return '';
  const shown = ids.slice(0, 5).join(', ');
  return ids.length > 5 ? ` (${shown}, and ${ids.length - 5} more)` : ` (${shown})`;
}
