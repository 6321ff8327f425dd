import { many } from '../../../many.ts';
import type { ComponentProbe } from '../../../probes/index.ts';
import { isWithinReplicas } from '../../../probes/replicas.ts';
import type { ProbeReading } from '../../../provider.ts';
import type { Account } from '../account.ts';
import type { EcsPlace } from '../calls/ecs.ts';
import { refuse } from '../errors.ts';
import { readyOf } from '../stop/ready.ts';

export type TaskProbe = Extract<ComponentProbe, { kind: 'replicas' | 'rollout' | 'ready-within' }>;

/** How many tasks of a service run, against what the probe wants. @throws ProviderError when there is nothing to hold it to */
export async function readTasks(
  account: Account,
  probe: TaskProbe,
  place: EcsPlace,
  signal: AbortSignal,
): Promise<ProbeReading> {
  const ecs = await account.ecs();
  const service = await ecs.service(place, signal);
  if (service === undefined || service.status !== 'ACTIVE') {
    throw refuse(
      `there is no active service ${place.cluster}/${place.service} in ${account.settings.region}`,
      'correct `ecs` of the component, or the region of the environment',
    );
  }
  if (probe.kind === 'rollout') {
    const { rollout, deployments, running, desired } = service;
    const ok = deployments === 1 && running >= desired && (rollout === undefined || rollout === 'COMPLETED');
    const state = rollout === undefined ? '' : `, ${rollout.toLowerCase().replace('_', ' ')}`;
    return { ok, detail: `${many(deployments, 'deployment')}${state}, ${running} of ${desired} tasks run` };
  }
  const tasks = await ecs.running(place, signal);
  const ready = readyOf(account, tasks).length;
  if (probe.kind === 'replicas') {
    return { ok: isWithinReplicas(probe, ready), detail: many(ready, 'task runs', 'tasks run') };
  }
  if (service.desired === 0) {
    throw refuse(
      `${place.service} wants no task, so nothing could be proven`,
      'raise its desired count, or use a probe of kind `replicas`',
    );
  }
  return { ok: ready >= service.desired, detail: `${ready} of ${service.desired} tasks run` };
}
