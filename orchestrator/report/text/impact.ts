import type { FaultResult } from '../../verdict.types.ts';
import { between, count, downtimeToleranceMs, duration } from './format.ts';

/** What a fault did, as every artefact says it. All durations count from the moment that it was seen to be in. */
export interface ImpactTexts {
  readonly downtime: string;
  readonly detected: string;
  readonly recovered: string;
  readonly failed: string;
}

/** Nothing is claimed about what followed from a fault that was not seen to be in, and what was not measured is not 0. */
export function impactTexts(fault: FaultResult): ImpactTexts {
  const { injectedAt, detectedAt, recoveredAt, firstBadAt, downtimeMs, injectedToleranceMs } = fault;
  const measured = (text: string) => (downtimeMs === null ? 'not measured' : text);
  const after = (time: string, toleranceMs: number) =>
    // The proof of a fault may come after its first effect: that is at once, not before.
    known(Math.max(0, between(injectedAt, time) ?? 0), toleranceMs);
  const recovered =
    recoveredAt === null ? 'not seen' : after(recoveredAt, injectedToleranceMs + fault.toleranceMs);
  return {
    downtime: measured(`${duration(downtimeMs)} ± ${duration(downtimeToleranceMs(fault))}`),
    detected:
      injectedAt === null
        ? 'not measured'
        : detectedAt === null
          ? 'no alert'
          : after(detectedAt, injectedToleranceMs),
    recovered: measured(firstBadAt === null ? 'no outage' : recovered),
    failed: measured(count(fault.failedRequests)),
  };
}

/** With its uncertainty, where that is more than the digits hide. */
function known(ms: number, toleranceMs: number): string {
  return toleranceMs > HIDDEN_MS ? `${duration(ms)} ± ${duration(toleranceMs)}` : duration(ms);
}

/** Seconds are shown to a hundredth. */
const HIDDEN_MS = 10;
