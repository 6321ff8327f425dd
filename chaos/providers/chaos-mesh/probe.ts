import { selectorText, type Workload } from '../../kubernetes/core-calls.ts';
import { many } from '../../many.ts';
import { isWithinReplicas } from '../../probes/replicas.ts';
import type { ProbeReading, ProbeRequest } from '../../provider.ts';
import type { Cluster } from './cluster.ts';
import type { ChaosMeshComponent } from './component.ts';
import { refuse } from './errors.ts';
import { findLagging, findPods, findWorkloads, readyOf, wantedBy } from './pods.ts';
import { rolloutState } from './rollout.ts';

/**
 * @param matched where it remembers which labels had pods: of those, none at all is an answer later on
 * @throws ProviderError when there is nothing to hold the component to, or it may not be read
 */
export async function readProbe(
  cluster: Cluster,
  { probe }: ProbeRequest,
  component: ChaosMeshComponent,
  matched: Set<string>,
  signal: AbortSignal,
): Promise<ProbeReading> {
  if (probe.kind === 'rollout') {
    const workloads = await findWorkloads(cluster, component, signal);
    wantedOf(workloads, cluster, component);
    const { complete, detail } = rolloutState(workloads);
    return { ok: complete, detail };
  }
  const pods = await findPods(cluster, component, signal);
  const ready = pods.filter((pod) => pod.ready).length;
  if (probe.kind === 'replicas') {
    const ok = isWithinReplicas(probe, ready);
    const { namespace, labels } = component;
    const place = JSON.stringify([cluster.server, namespace, selectorText(labels)]);
    if (pods.length > 0) matched.add(place);
    // Of labels with a typing error there are never too many pods.
    else if (ok && !matched.has(place)) await mustHaveWorkload(cluster, component, signal);
    return { ok, detail: `${many(ready, 'replica is', 'replicas are')} ready` };
  }
  const workloads = await findWorkloads(cluster, component, signal);
  const wanted = wantedOf(workloads, cluster, component);
  const detail = `${ready} of ${wanted} replicas are ready`;
  if (ready < wanted) return { ok: false, detail };
  // Pods of others (a daemon set, a job) with the same labels must not stand in for those that are missing.
  const lagging = findLagging(workloads);
  if (lagging.length === 0) return { ok: true, detail };
  return { ok: false, detail: `${detail}; ${lagging.map(describeReady).join(', ')}` };
}

const describeReady = (one: Workload) =>
  `${one.kind} ${one.metadata?.name} has ${readyOf(one)} of ${wantedBy([one])} ready`;

async function mustHaveWorkload(
  cluster: Cluster,
  component: ChaosMeshComponent,
  signal: AbortSignal,
): Promise<void> {
  if ((await findWorkloads(cluster, component, signal)).length > 0) return;
  const { namespace, labels } = component;
  throw refuse(
    `no pod in ${namespace} has ${selectorText(labels)}, and no deployment or stateful set in its pod template: whether too many are ready cannot be told`,
    `${labelsOf(cluster, namespace)}; where something else makes the pods (an Argo Rollout, jobs), begin with one that is there`,
  );
}

/** How many replicas there are to be. Never 0: of those all are always ready, which proves nothing. */
function wantedOf(
  workloads: readonly Workload[],
  cluster: Cluster,
  { namespace, labels }: ChaosMeshComponent,
): number {
  const wanted = wantedBy(workloads);
  if (wanted > 0) return wanted;
  const counting =
    'a probe of kind `replicas` counts pods, whoever made them (an Argo Rollout, a daemon set)';
  if (workloads.length === 0) {
    throw refuse(
      `no deployment or stateful set in ${namespace} has ${selectorText(labels)} in its pod template`,
      `${labelsOf(cluster, namespace)}, or count pods: ${counting}`,
    );
  }
  const names = workloads.map(({ kind, metadata }) => `${kind} ${metadata?.name}`).join(', ');
  throw refuse(
    `0 replicas are wanted by what has ${selectorText(labels)} in ${namespace} (${names}), so nothing could be proven`,
    `scale it up, or count pods: ${counting}`,
  );
}

function labelsOf({ context }: Cluster, namespace: string): string {
  return `name labels that a pod template has (see \`kubectl --context ${context} -n ${namespace} get deployments,statefulsets -o wide\`)`;
}
