import type { Target } from '../../../provider.ts';
import type { Cluster } from '../cluster.ts';
import { type ChaosMeshComponent, farPods } from '../component.ts';
import { refuse } from '../errors.ts';
import { findPods, type Pod } from '../pods.ts';
import type { Before } from './effects.ts';

/** @throws ProviderError when a target is no longer the pod that was planned: another may have taken its name */
export async function readBefore(
  cluster: Cluster,
  component: ChaosMeshComponent,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<Before> {
  const [pods, far] = await Promise.all([
    findPods(cluster, component, signal),
    findFar(cluster, component, signal),
  ]);
  if (component.to !== undefined) return { pods, far, targets: [] };
  const hit = targets.map(({ identity, label }) => {
    const pod = pods.find(({ uid, terminating }) => uid === identity.uid && !terminating);
    if (pod !== undefined) return pod;
    throw refuse(
      `the target ${label} is no longer there`,
      'run the drill again: the component changed in between',
    );
  });
  return { pods, far, targets: hit };
}

/** The pods at the far end of a link; none where it is not a link, or leads out of the cluster. */
export async function findFar(
  cluster: Cluster,
  component: ChaosMeshComponent,
  signal: AbortSignal,
): Promise<readonly Pod[]> {
  const far = farPods(component);
  return far === undefined ? [] : await findPods(cluster, far, signal);
}
