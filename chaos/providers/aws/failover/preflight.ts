import type { Pace } from '../../definition.ts';
import type { Caller } from '../account.ts';
import type { AwsEvent } from '../calls/parts.ts';
import { refuse } from '../errors.ts';
import { QUIET_MINUTES } from '../pace.ts';

/** So long AWS may name the old roles after it has told that a failover is completed; then it was none. */
export const STALE_MS = 30_000;

/** @throws ProviderError when AWS has told of a failover in these events */
export function refuseIfRecent(what: string, events: readonly AwsEvent[]): void {
  const recent = events.find(({ text }) => /failover|promoting previous primary/i.test(text));
  if (recent === undefined) return;
  throw refuse(
    `${what} had a failover within the last ${QUIET_MINUTES} minutes, and AWS would abandon another ("${recent.text}")`,
    `wait until ${QUIET_MINUTES} minutes have passed`,
  );
}

/** What to do about a database that is not available. */
export function untilAvailable(status: string): string {
  return status === 'stopped' ? 'start it' : 'wait until it is available';
}

/** What every plan says of an order that AWS is to carry out. */
export function orderLines(action: string, arn: string, { arn: caller }: Caller, pace: Pace): string[] {
  const seconds = (ms: number) => Math.round(ms / 1_000);
  const { from, to } = pace.downtimeMs;
  return [
    `usual: ${seconds(from)} to ${seconds(to)} s of downtime, over ${seconds(pace.leastMs)} to ${seconds(pace.mostMs)} s after the order`,
    `ordered once by ${caller}, who needs ${action} on ${arn}: only the order itself shows whether that is granted`,
  ];
}
