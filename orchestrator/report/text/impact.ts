import type { FaultResult } from '../../verdict.types.ts';
import { count, downtimeToleranceMs, duration } from './format.ts';

/** What a fault did, as every artefact says it. From when durations count is the judge's matter: probes and expectations count the same. */
export interface ImpactTexts {
  readonly downtime: string;
  readonly detected: string;
  readonly recovered: string;
  readonly failed: string;
}

/** What `recoveredAfterMs` counts, wherever a person reads it. */
export const RECOVERED_MEANS =
  'the last request that suffered is good again, counted from the proof of the fault or the first bad request, whichever came first; of a fault that lasts, from its end';

/** Nothing is claimed about what followed from a fault that was not seen to be in, and what was not measured is not 0. */
export function impactTexts(fault: FaultResult): ImpactTexts {
  const { injectedAt, detectedAfterMs, recoveredAfterMs, firstBadAt, downtimeMs } = fault;
  const measured = (text: string) => (downtimeMs === null ? 'not measured' : text);
  const recovered =
    recoveredAfterMs === null
      ? 'not seen'
      : known(recoveredAfterMs, fault.injectedToleranceMs + fault.toleranceMs);
  return {
    downtime: measured(`${duration(downtimeMs)} ± ${duration(downtimeToleranceMs(fault))}`),
    detected:
      injectedAt === null
        ? 'not measured'
        : detectedAfterMs === null
          ? 'no alert'
          : duration(detectedAfterMs),
    recovered: measured(firstBadAt === null ? 'no outage' : recovered),
    failed: measured(failedText(fault)),
  };
}

/** Requests, and events of the streams where there are any. */
function failedText({ failedRequests, failedEvents = 0 }: FaultResult): string {
  if (failedEvents === 0) return count(failedRequests);
  const events = `${count(failedEvents)} ${failedEvents === 1 ? 'event' : 'events'}`;
  return failedRequests === 0 ? events : `${count(failedRequests)} and ${events}`;
}

/** With its uncertainty, where that is more than the digits hide. */
function known(ms: number, toleranceMs: number): string {
  return toleranceMs > HIDDEN_MS ? `${duration(ms)} ± ${duration(toleranceMs)}` : duration(ms);
}

/** Seconds are shown to a hundredth. */
const HIDDEN_MS = 10;
