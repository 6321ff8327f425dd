import { type Selected, selectorText } from '../../kubernetes/core-calls.ts';
import { many } from '../../many.ts';
import type { FaultRequest, Resolution, Target } from '../../provider.ts';
import { chooseTargets } from './choose-targets.ts';
import type { Cluster } from './cluster.ts';
import { type ChaosMeshComponent, farPods } from './component.ts';
import { refuse } from './errors.ts';
import { buildSpec } from './objects/build.ts';
import { missedBy } from './objects/network.ts';
import type { NetworkChaosSpec } from './objects/types.ts';
import { checkAccess } from './permissions.ts';
import type { Pod } from './pods.ts';
import { refuseTooMany } from './protect.ts';
import { resolveRollout } from './resolve-rollout.ts';
import { somePods } from './some-pods.ts';

/** @throws ProviderError for whatever would keep the fault from working, or must not be hit */
export async function resolveTargets(
  cluster: Cluster,
  request: FaultRequest,
  component: ChaosMeshComponent,
  signal: AbortSignal,
): Promise<Resolution> {
  await checkAccess(cluster, request.fault, component, signal);
  if (request.fault.kind === 'rollout') return await resolveRollout(cluster, request, component, signal);
  return component.to === undefined
    ? await resolvePods(cluster, request, component, signal)
    : await resolveLink(cluster, request, component, signal);
}

async function resolvePods(
  cluster: Cluster,
  { fault, componentName }: FaultRequest,
  component: ChaosMeshComponent,
  signal: AbortSignal,
): Promise<Resolution> {
  const pods = await somePods(cluster, componentName, component, signal);
  const ready = pods.filter((pod) => pod.ready);
  const count = 'count' in fault.params ? fault.params.count : 1;
  if (count > ready.length) {
    throw refuse(
      `fault ${fault.name} is to hit ${count} of ${componentName}, and ${ready.length} of its pods are ready`,
      'wait until the component is healthy, or lower `count:`',
    );
  }
  refuseTooMany({ faultName: fault.name, componentName, component, count, ready: ready.length });
  const targets = chooseTargets(ready, count, { fault, componentName });
  // A spec that cannot be built is refused here, while nothing has been touched.
  const meant = component.container ?? targets[0]?.defaultContainer;
  const hit = { pods: targets.map((pod) => pod.name), container: meant };
  const { spec } = buildSpec({ fault, componentName, component, hit });
  // Many faults hit the whole pod.
  const container = 'containerNames' in spec ? meant : undefined;
  for (const pod of targets) checkContainer(pod, container ?? component.container);
  return {
    candidates: pods.map((pod) => podTarget(pod, container)),
    targets: targets.map((pod) => podTarget(pod, container)),
    healthy: ready.length,
  };
}

/** A link counts as one thing: it is there, or it is cut. */
async function resolveLink(
  cluster: Cluster,
  { fault, componentName }: FaultRequest,
  component: ChaosMeshComponent,
  signal: AbortSignal,
): Promise<Resolution> {
  const hit = { matching: { count: 'all' }, container: undefined } as const;
  const spec = buildSpec({ fault, componentName, component, hit }).spec as NetworkChaosSpec;
  const near = (await somePods(cluster, `${componentName} (near end)`, component, signal)).filter(isRunning);
  const farAt = farPods(component);
  const far =
    farAt === undefined
      ? undefined
      : (await somePods(cluster, `${componentName} (far end)`, farAt, signal)).filter(isRunning);
  const arrow = { to: '→', from: '←', both: '↔' }[spec.direction];
  const label = `${componentName}: ${describe(component, near)} ${arrow} ${
    farAt === undefined || far === undefined ? component.to?.hosts?.join(', ') : describe(farAt, far)
  }${missedBy(spec)}`;
  const healthy = near.some((pod) => pod.ready) && (far === undefined || far.some((pod) => pod.ready));
  const target: Target = {
    label,
    identity: {
      link: componentName,
      namespace: component.namespace,
      near: near.length,
      far: far?.length ?? 0,
    },
    healthy,
  };
  return { candidates: [target], targets: [target], healthy: healthy ? 1 : 0 };
}

function podTarget(pod: Pod, container: string | undefined): Target {
  const which = container !== undefined && pod.containers.length > 1 ? `, container ${container}` : '';
  return {
    label: `${pod.name} (uid ${pod.uid.slice(0, 8)}${which})`,
    identity: {
      namespace: pod.namespace,
      pod: pod.name,
      uid: pod.uid,
      container: container ?? '',
    },
    healthy: pod.ready,
  };
}

function checkContainer(pod: Pod, container: string | undefined): void {
  if (container === undefined || pod.containers.some(({ name }) => name === container)) return;
  throw refuse(
    `the pod ${pod.namespace}/${pod.name} has no container ${container}`,
    `use one of: ${pod.containers.map(({ name }) => name).join(', ')}`,
  );
}

/** Only these are hit at the ends of a link. */
const isRunning = ({ running }: Pod) => running;
const describe = (at: Selected, pods: readonly Pod[]) =>
  `${selectorText(at.labels)} in ${at.namespace} (${many(pods.length, 'pod')})`;
