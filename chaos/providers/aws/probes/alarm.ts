import type { ComponentProbe } from '../../../probes/index.ts';
import type { ProbeReading } from '../../../provider.ts';
import type { Account } from '../account.ts';
import { refuse } from '../errors.ts';

/**
 * Whether an alarm of CloudWatch has entered a state since the probe's start. One that is in ALARM beforehand could not go off.
 * @throws ProviderError where there is no such alarm, or it has gone off already
 */
export async function readAlarm(
  account: Account,
  { state: wanted }: Extract<ComponentProbe, { kind: 'alarm' }>,
  name: string,
  signal: AbortSignal,
  since?: number,
): Promise<ProbeReading> {
  const found = await (await account.cloudWatch()).alarm(name, signal);
  if (found === undefined) {
    throw refuse(
      `there is no alarm ${name} in ${account.settings.region}`,
      'correct `cloudwatch.alarm` of the component, or the region of the environment',
    );
  }
  const { state, sinceAws, reason } = found;
  if (since === undefined) {
    if (state === 'ALARM' && wanted === 'ALARM') {
      throw refuse(
        `the alarm ${name} is in ALARM already (${reason}), so that it goes off would prove nothing`,
        'wait until it is OK',
      );
    }
    return { ok: state === wanted, detail: `${name} is in ${state}` };
  }
  if (state !== wanted) return { ok: false, detail: `${name} is in ${state}: ${reason}` };
  if (sinceAws === undefined)
    return { ok: false, detail: `${name} is in ${state}, AWS does not say since when` };
  const { at, withinMs } = account.clock.ours(sinceAws);
  const text = `${name} is in ${state} since ${new Date(sinceAws).toISOString()}`;
  return at - withinMs >= since
    ? { ok: true, detail: `${text}: ${reason}` }
    : { ok: false, detail: `${text}, which is not known to be after the start of this probe` };
}
