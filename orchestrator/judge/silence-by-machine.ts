import type { LostTime } from '../machine/lost-time.ts';
import { whatItDid } from './by-machine.ts';
import { type Expectation, type ExpectationRow, expectationsOf } from './expectations.ts';
import { type FaultInput, impactOf } from './impact.ts';
import type { OutageSpan } from './outages/outages.ts';

/**
 * What `expect` asks, where a silence may be the machine's: while it stands still, nobody asks and no answer is seen. What is broken is
 * judged a second time, with each silence shorter by what the machine can have added. Held then, it proves nothing: INVALID. A
 * failed request is never excused, and nothing that is not broken is touched.
 */
export function excuseSilences(
  input: FaultInput,
  rows: readonly ExpectationRow[],
): readonly ExpectationRow[] {
  const { lost = null } = input;
  if (lost === null || rows.every(({ row }) => row.result !== 'FAIL')) return rows;
  const excused = input.outages.map((outage) => ({ outage, ms: excusedMs(outage, lost) }));
  const silent = excused.filter(({ ms }) => ms > 0).map(({ outage }) => outage);
  if (silent.length === 0) return rows;
  const shorter = { ...input, outages: excused.map(({ outage, ms }) => shortened(outage, ms)) };
  const second = expectationsOf(shorter, impactOf(shorter));
  const span = {
    from: Math.min(...silent.map(({ from }) => from)),
    to: Math.max(...silent.map(({ from, to }) => to ?? from)),
  };
  return rows.map((one, i) => {
    if (one.row.result !== 'FAIL' || second[i]?.row.result === 'FAIL') return one;
    const measured = `${one.row.measured}; the machine that generated the load ${whatItDid(lost, span)}, which can have caused it`;
    const row: Expectation = { ...one.row, measured, result: 'INVALID', byMachine: true };
    return { ...one, row };
  });
}

/** Of an outage in which nothing failed; 0: none of it. */
function excusedMs({ failures, unanswered, from, to }: OutageSpan, lost: LostTime): number {
  if (failures > 0 || unanswered || to === null) return 0;
  return Math.min(to - from, lost.addedAtMostMs(from, to));
}

function shortened(outage: OutageSpan, ms: number): OutageSpan {
  if (ms === 0) return outage;
  const earlier = (at: number) => Math.max(outage.from, at - ms);
  return {
    ...outage,
    to: outage.to === null ? null : earlier(outage.to),
    recoveredAt: outage.recoveredAt === null ? null : earlier(outage.recoveredAt),
    firstBadAt: Math.min(outage.firstBadAt, earlier(outage.lastBadAt)),
    lastBadAt: earlier(outage.lastBadAt),
    silentMs: Math.max(0, outage.silentMs - ms),
  };
}
