import type { DrillFault } from '../../schema/drill.ts';
import type { Access, Cluster } from './cluster.ts';
import type { ChaosMeshComponent } from './component.ts';
import { INSTALL, refuse } from './errors.ts';
import { CRD_OF } from './objects/build.ts';
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
  throw refuse(
    `fault ${fault.name}: the credentials of context ${cluster.context} may not ${list}`,
    'grant what is missing: chaos/providers/chaos-mesh/rbac.yaml has the smallest role that does',
  );
}

export function crdOf(fault: DrillFault): ChaosKind | undefined {
  return fault.kind in CRD_OF ? CRD_OF[fault.kind as keyof typeof CRD_OF] : undefined;
}

/** Everything that one fault and its clean-up ask of the API server. */
export function neededAccess(fault: DrillFault, component: ChaosMeshComponent): readonly Access[] {
  const { namespace } = component;
  const of = (group: string, resource: string, ...verbs: readonly string[]): Access[] =>
    verbs.map((verb) => ({ namespace, group, resource, verb }));
  const access = of('', 'pods', 'list', 'watch');
  if (component.to?.namespace !== undefined && component.to.namespace !== namespace) {
    access.push({ namespace: component.to.namespace, group: '', resource: 'pods', verb: 'list' });
  }
  const crd = crdOf(fault);
  if (crd !== undefined) access.push(...of(GROUP, PLURALS[crd], 'create', 'get', 'list', 'watch', 'delete'));
  if (crd !== undefined && crd in POD_PLURALS) {
    access.push(...of(GROUP, POD_PLURALS[crd as keyof typeof POD_PLURALS], 'list', 'patch'));
  }
  if (fault.kind === 'rollout')
    access.push(...of('apps', 'deployments', 'list', 'patch'), ...of('apps', 'statefulsets', 'list'));
  return access;
}

async function checkInstalled(cluster: Cluster, crd: ChaosKind, signal: AbortSignal): Promise<void> {
  const installed = await cluster.installedKinds(signal);
  if (installed === undefined) {
    throw refuse(`Chaos Mesh is not installed on ${cluster.server} (context ${cluster.context})`, INSTALL);
  }
  if (!installed.has(crd)) {
    throw refuse(`the Chaos Mesh on ${cluster.server} has no ${crd}`, INSTALL);
  }
}
