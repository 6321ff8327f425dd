import type { ProbeReading, ProbeRequest } from '../../provider.ts';
import type { Cluster } from './cluster.ts';
import type { ChaosMeshComponent } from './component.ts';
import { findPods, findWorkloads } from './pods.ts';
import { rolloutState } from './rollout.ts';

export async function readProbe(
  cluster: Cluster,
  { probe }: ProbeRequest,
  component: ChaosMeshComponent,
  signal: AbortSignal,
): Promise<ProbeReading> {
  if (probe.kind === 'rollout') {
    const { complete, detail } = rolloutState(await findWorkloads(cluster, component, signal));
    return { ok: complete, detail };
  }
  const ready = (await findPods(cluster, component, signal)).filter((pod) => pod.ready).length;
  if (probe.kind === 'replicas') {
    const ok = ready >= (probe.atLeast ?? 0) && ready <= (probe.atMost ?? Number.POSITIVE_INFINITY);
    return { ok, detail: `${ready} replicas are ready` };
  }
  const workloads = await findWorkloads(cluster, component, signal);
  const wanted = workloads.reduce((sum, { spec }) => sum + (spec?.replicas ?? 1), 0);
  if (workloads.length === 0) return { ok: false, detail: 'no deployment or stateful set has such pods' };
  return { ok: ready >= wanted, detail: `${ready} of ${wanted} replicas are ready` };
}
