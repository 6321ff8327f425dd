import { many } from '../../objectives/number-text.ts';
import type { FaultResult, Verdict } from '../../verdict.types.ts';
import { duration } from '../text/format.ts';
import { MEANING, reasonsToShow } from '../text/headline.ts';

/** `FAIL: redis-failover on staging`. */
export function title({ verdict, drill, environment }: Verdict): string {
  return `${verdict}: ${drill} on ${environment}`;
}

/** What the verdict means, and why: the first reasons, for a message that people read on a phone. */
export function summary(verdict: Verdict, most = 3): string {
  const reasons = reasonsToShow(verdict).map(({ cause, consequence }) =>
    consequence === null ? cause : `${cause} ${consequence}`,
  );
  const rest = reasons.length - most;
  return [
    MEANING[verdict.verdict],
    ...reasons.slice(0, most).map((reason) => `- ${reason}`),
    ...(rest > 0 ? [`- and ${rest} more`] : []),
  ].join('\n');
}

/** `FAIL: kill of sessions (primary-lost), 4.2 s of downtime, 12 failed requests`. */
export function faultTitle({
  name,
  kind,
  component,
  result,
  downtimeMs,
  failedRequests,
}: FaultResult): string {
  const downtime = downtimeMs === null ? 'downtime not measured' : `${duration(downtimeMs)} of downtime`;
  return `${result}: ${kind} of ${component} (${name}), ${downtime}, ${many(failedRequests, 'failed request')}`;
}

/** At most so many characters: the services refuse or cut longer texts. */
export function cut(text: string, maxChars: number): string {
  const chars = Array.from(text);
  return chars.length <= maxChars ? text : `${chars.slice(0, maxChars - 1).join('')}…`;
}
