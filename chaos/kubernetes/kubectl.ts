import { shellWord } from '../shell-word.ts';

/** What the client calls the context that it makes from a pod's service account: no kubeconfig has it. */
const IN_CLUSTER = 'inClusterContext';

/** The beginning of a command that a person can type. In a pod with the cluster's own credentials kubectl finds them by itself. */
export function kubectl(place: {
  readonly kubeconfig: string;
  readonly context: string;
  readonly namespace: string;
}): string {
  if (place.context === IN_CLUSTER) return `kubectl -n ${place.namespace}`;
  return `KUBECONFIG=${shellWord(place.kubeconfig)} kubectl --context ${shellWord(place.context)} -n ${place.namespace}`;
}
