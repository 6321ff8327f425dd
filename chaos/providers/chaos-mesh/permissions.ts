import type { Access } from '../../kubernetes/core-calls.ts';
import type { DrillFault } from '../../schema/drill.ts';
import type { Cluster } from './cluster.ts';
import type { ChaosMeshComponent } from './component.ts';
import { GRANT, INSTALL, refuse } from './errors.ts';
import { objectKinds } from './objects/index.ts';
import { type ChaosKind, GROUP, PLURALS, POD_PLURALS } from './objects/types.ts';

/**
 * Is all there that the fault will need? Asked before anything is touched (SelfSubjectAccessReview keeps nothing).
 * @throws ProviderError that names what is missing and how to get it
 */
export async function checkAccess(
  cluster: Cluster,
  fault: DrillFault,
  component: ChaosMeshComponent,
  signal: AbortSignal,
): Promise<void> {
  const crd = crdOf(fault);
  if (crd !== undefined) await checkInstalled(cluster, crd, signal);
  const asked = neededAccess(fault, component);
  const answers = await Promise.all(asked.map((access) => cluster.allowed(access, signal)));
  const missing = asked.filter((_, index) => answers[index] === false);
  if (missing.length === 0) return;
  const list = missing
    .map(({ verb, resource, namespace }) => `${verb} ${resource} in ${namespace}`)
    .join(', ');
  throw refuse(`fault ${fault.name}: the credentials of context ${cluster.context} may not ${list}`, GRANT);
}

export function crdOf(fault: DrillFault): ChaosKind | undefined {
  return objectKinds[fault.kind]?.crd;
}

/** Everything that one fault and its clean-up ask of the API server. */
export function neededAccess(fault: DrillFault, component: ChaosMeshComponent): readonly Access[] {
  const of = accessIn(component.namespace);
  const access = of('', 'pods', 'list', 'watch');
  const crd = crdOf(fault);
  if (crd !== undefined) access.push(...of(GROUP, PLURALS[crd], 'create', 'get', 'list', 'watch', 'delete'));
  access.push(...podChaosAccess(component.namespace, crd));
  if (fault.kind === 'rollout')
    access.push(...of('apps', 'deployments', 'list', 'patch'), ...of('apps', 'statefulsets', 'list'));
  const far = component.to?.namespace;
  if (far === undefined || far === component.namespace) return access;
  access.push(...accessIn(far)('', 'pods', 'list'));
  // The object is not made there. But Chaos Mesh's webhook asks for this right wherever a selector reaches.
  if (crd !== undefined) access.push(...accessIn(far)(GROUP, PLURALS[crd], 'create'));
  return [...access, ...podChaosAccess(far, crd)];
}

/** What the evidence is read from, and what an undo may have to clear, at either end of a link. */
function podChaosAccess(namespace: string, crd: ChaosKind | undefined): readonly Access[] {
  if (crd === undefined || !(crd in POD_PLURALS)) return [];
  return accessIn(namespace)(GROUP, POD_PLURALS[crd as keyof typeof POD_PLURALS], 'list', 'patch');
}

const accessIn =
  (namespace: string) =>
  (group: string, resource: string, ...verbs: readonly string[]): Access[] =>
    verbs.map((verb) => ({ namespace, group, resource, verb }));

async function checkInstalled(cluster: Cluster, crd: ChaosKind, signal: AbortSignal): Promise<void> {
  const installed = await cluster.installedKinds(signal);
  if (installed === undefined) {
    throw refuse(`Chaos Mesh is not installed on ${cluster.server} (context ${cluster.context})`, INSTALL);
  }
  if (!installed.has(crd)) {
    throw refuse(`the Chaos Mesh on ${cluster.server} has no ${crd}`, INSTALL);
  }
}
