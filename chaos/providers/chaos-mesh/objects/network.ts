import type { FaultOf } from '../../../faults/index.ts';
import { refuse } from '../errors.ts';
import type { ObjectRequest } from './request.ts';
import { hitPods, running } from './selection.ts';
import type { NetworkChaosSpec } from './types.ts';

type NetworkFault = FaultOf<'partition' | 'latency' | 'loss' | 'bandwidth'>;
type Action = Pick<NetworkChaosSpec, 'action' | 'delay' | 'loss' | 'bandwidth'>;

/**
 * A link is hit as a whole: every running pod at either end, as Chaos Mesh finds them at the moment of injection. Without a far
 * end, all that the pods send is hit: which is how a whole component gets slow, lossy or narrow.
 */
export function networkSpec(action: Action, fault: NetworkFault, request: ObjectRequest): NetworkChaosSpec {
  const { component, componentName } = request;
  if (component.to !== undefined) {
    return {
      ...action,
      mode: 'all',
      selector: running(component.namespace, component.labels),
      ...farEnd(fault, request),
    };
  }
  const direction = directionOf(fault, request);
  if (direction !== 'to') {
    throw refuse(
      `fault ${fault.name}: ${componentName} has no far end, so only what its pods send can be hit, not direction ${direction}`,
      'write `direction: to`, or add `to:` to the component',
    );
  }
  return { ...action, ...hitPods(request), direction: 'to' };
}

/**
 * Towards hosts outside the cluster only `direction: to` exists, which the webhook does not check for partitions. A partition
 * needs no more: what cannot be asked is not answered. Other faults would have half their effect, so they are refused.
 */
function farEnd(
  fault: NetworkFault,
  request: ObjectRequest,
): Pick<NetworkChaosSpec, 'direction' | 'target' | 'externalTargets'> {
  const { component } = request;
  const direction = directionOf(fault, request);
  if (component.to?.hosts !== undefined) {
    if (direction === 'from' || (direction === 'both' && fault.kind !== 'partition')) {
      throw refuse(
        `fault ${fault.name}: towards hosts, Chaos Mesh knows only \`direction: to\`, not ${direction}`,
        'write `direction: to`',
      );
    }
    return { direction: 'to', externalTargets: component.to.hosts };
  }
  const selector = running(component.to?.namespace ?? component.namespace, component.to?.labels ?? {});
  return { direction, target: { mode: 'all', selector } };
}

/** Left out, it is what has an effect: towards a Service only the answers are hit, and towards hosts there is only `to`. */
function directionOf({ params }: NetworkFault, { component }: ObjectRequest): NetworkChaosSpec['direction'] {
  return params.direction ?? (component.to?.labels === undefined ? 'to' : 'both');
}

/**
 * What the rules are in for and yet do not hit, for the plan. They go by the addresses of pods, and a packet to a Service has
 * another one until it has left its pod (kube-proxy). The answers come to a pod's address. A partition drops at the far end, too.
 */
export function missedBy({ action, direction, target }: NetworkChaosSpec): string {
  if (action === 'partition' || target === undefined || direction === 'from') return '';
  return direction === 'to'
    ? '; only what goes to pod addresses is hit, not what goes to the address of a Service'
    : '; of what goes to the address of a Service, only the answers are hit';
}

export function percentText(share: number): string {
  return String(Number((share * 100).toPrecision(6)));
}
