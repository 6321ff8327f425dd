import { type Selected, selectorText } from '../../kubernetes/core-calls.ts';
import type { Cluster } from './cluster.ts';
import { refuse } from './errors.ts';
import { findPods, type Pod } from './pods.ts';
import { refuseProtected } from './protect.ts';

/** Those that are there to stay. @throws ProviderError when there is none, or one of them is protected */
export async function somePods(
  cluster: Cluster,
  name: string,
  at: Selected,
  signal: AbortSignal,
): Promise<readonly Pod[]> {
  const pods = (await findPods(cluster, at, signal)).filter((pod) => !pod.terminating);
  if (pods.length === 0) {
    throw refuse(
      `component ${name} matches no pod: nothing in ${at.namespace} has ${selectorText(at.labels)}`,
      `see \`kubectl --context ${cluster.context} -n ${at.namespace} get pods --show-labels\``,
    );
  }
  refuseProtected(name, pods);
  return pods;
}
