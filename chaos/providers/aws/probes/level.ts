import type { ComponentProbe } from '../../../probes/index.ts';
import { isWithinLevel } from '../../../probes/level.ts';
import type { ProbeReading } from '../../../provider.ts';
import type { Account } from '../account.ts';
import type { MetricPlace } from '../calls/cloudwatch.ts';
import { refuse } from '../errors.ts';

const HOUR_MS = 3_600_000;

/**
 * The newest value of a metric whose period began after the probe's start and has ended: the value of a period that still runs changes.
 * CloudWatch has it one to three minutes late.
 * @throws ProviderError where the metric has had no value for an hour
 */
export async function readLevel(
  account: Account,
  probe: Extract<ComponentProbe, { kind: 'level' }>,
  metric: MetricPlace,
  signal: AbortSignal,
  since?: number,
): Promise<ProbeReading> {
  const periodMs = metric.periodSeconds * 1_000;
  const nowAws = Date.now() + account.clock.offsetMs();
  const from = (since === undefined ? nowAws - HOUR_MS : since + account.clock.offsetMs()) - periodMs;
  const values = await (await account.cloudWatch()).values(metric, from, nowAws + periodMs, signal);
  const name = `${metric.statistic} of ${metric.namespace} ${metric.name}`;
  if (since === undefined) {
    if (values.length > 0) return { ok: true, detail: `${name} has values` };
    throw refuse(
      `${name} has had no value for an hour in ${account.settings.region}`,
      'correct namespace, name and dimensions of the component: a metric of other dimensions is another metric',
    );
  }
  const newest = values.find(({ atAws }) => {
    const { at, withinMs } = account.clock.ours(atAws);
    return at - withinMs >= since && at + periodMs <= Date.now();
  });
  if (newest === undefined)
    return { ok: false, detail: `${name} has no value yet of a period since the start` };
  const { value, atAws } = newest;
  const detail = `${name} is ${Number(value.toPrecision(3))} in the ${metric.periodSeconds} s from ${new Date(atAws).toISOString()}`;
  return { ok: isWithinLevel(probe, value), detail };
}
