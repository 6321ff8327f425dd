import type { V1Deployment } from '@kubernetes/client-node';
import type { FaultRequest, Resolution, Target } from '../../provider.ts';
import type { Cluster } from './cluster.ts';
import type { ChaosMeshComponent } from './component.ts';
import { refuse } from './errors.ts';
import { findWorkloads, isMadeBy, wantedBy } from './pods.ts';
import { refuseTooMany } from './protect.ts';
import { somePods } from './some-pods.ts';

/** The one deployment of a component. Pods of others may carry its labels, too: a rollout does not touch them. */
export async function resolveRollout(
  cluster: Cluster,
  { fault, componentName }: FaultRequest,
  component: ChaosMeshComponent,
  signal: AbortSignal,
): Promise<Resolution> {
  const pods = await somePods(cluster, componentName, component, signal);
  const deployments = (await findWorkloads(cluster, component, signal)).filter(
    (w) => w.kind === 'Deployment',
  ) as readonly V1Deployment[];
  const [deployment] = deployments;
  if (deployment === undefined || deployments.length > 1) {
    throw refuse(
      `fault ${fault.name}: ${deployments.length} deployments have pods like those of ${componentName}; one is needed`,
      'make the labels of the component those of one deployment',
    );
  }
  const name = deployment.metadata?.name ?? '';
  const label = `deployment ${component.namespace}/${name}`;
  // Its pods would be replaced whenever somebody resumes it.
  if (deployment.spec?.paused === true) {
    throw refuse(
      `fault ${fault.name}: the ${label} is paused, and would not roll`,
      `resume it: kubectl --context ${cluster.context} -n ${component.namespace} rollout resume deployment ${name}`,
    );
  }
  const own = pods.filter((pod) => isMadeBy(pod, name));
  if (own.length === 0) {
    throw refuse(
      `fault ${fault.name}: no pod of ${componentName} is of the ${label}, so a rollout would replace none`,
      'scale it up, or make the labels of the component those of another deployment',
    );
  }
  const ready = own.filter((pod) => pod.ready).length;
  refuseTooMany({ faultName: fault.name, componentName, component, count: takenAtOnce(deployment), ready });
  const healthy = ready > 0;
  const target: Target = {
    label,
    identity: { namespace: component.namespace, deployment: name, uid: deployment.metadata?.uid ?? '' },
    healthy,
  };
  return { candidates: [target], targets: [target], healthy: healthy ? 1 : 0 };
}

/** How many pods a rollout takes away before there are others for them, as Kubernetes counts it. */
function takenAtOnce(deployment: V1Deployment): number {
  const wanted = wantedBy([deployment]);
  const { type, rollingUpdate } = deployment.spec?.strategy ?? {};
  if (type === 'Recreate') return wanted;
  const away = Math.floor(amountOf(rollingUpdate?.maxUnavailable, wanted));
  const more = Math.ceil(amountOf(rollingUpdate?.maxSurge, wanted));
  // It has to begin somewhere.
  return Math.min(wanted, away === 0 && more === 0 ? 1 : away);
}

/** A number of pods or a share of them; left out, it is a quarter. */
function amountOf(text: string | number = '25%', of: number): number {
  const share = /^(\d+)%$/.exec(String(text))?.[1];
  return share === undefined ? Number(text) : (Number(share) * of) / 100;
}
