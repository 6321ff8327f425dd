import type { ChaosMeshComponent } from './component.ts';
import { PROTECTED_NAMESPACES } from './component.ts';
import { refuse } from './errors.ts';
import type { Pod } from './pods.ts';

/**
 * Chaos Mesh itself would hit any of these: its namespace filter is off by default. So these rules are squall's own.
 * @throws ProviderError when the pods are not for faults
 */
export function refuseProtected(componentName: string, pods: readonly Pod[]): void {
  for (const pod of pods) {
    const why = protection(pod);
    if (why === undefined) continue;
    throw refuse(
      `component ${componentName} selects the pod ${pod.namespace}/${pod.name}, which is protected: ${why}`,
      'narrow the labels of the component',
    );
  }
}

function protection(pod: Pod): string | undefined {
  if (PROTECTED_NAMESPACES.includes(pod.namespace)) return `namespace ${pod.namespace}`;
  if (pod.hostNetwork) return "it uses its node's network, so that the whole node would be hit";
  if (pod.labels['app.kubernetes.io/part-of'] === 'chaos-mesh') return 'it belongs to Chaos Mesh';
  return undefined;
}

/** @throws ProviderError when this is more of the component than may be hit at once */
export function refuseTooMany(request: {
  readonly faultName: string;
  readonly componentName: string;
  readonly component: ChaosMeshComponent;
  readonly count: number;
  readonly ready: number;
}): void {
  const { faultName, componentName, component, count, ready } = request;
  // The small amount keeps 0.29 * 100 from becoming 28.
  const most = Math.floor(ready * component.atMost + 1e-9);
  if (count <= most) return;
  const percent = Math.round(component.atMost * 100);
  throw refuse(
    `fault ${faultName} would hit ${count} of the ${ready} ready pods of ${componentName}; at most ${percent} % (${most}) may be hit`,
    `hit fewer, run more replicas, or raise \`atMost:\` of component ${componentName}`,
  );
}
