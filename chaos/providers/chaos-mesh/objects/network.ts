import { refuse } from '../../../kubernetes/errors.ts';
import type { DrillFault } from '../../../schema/drill.ts';
import type { ObjectRequest } from './build.ts';
import { goDuration, hitPods, running } from './selection.ts';
import type { NetworkChaosSpec } from './types.ts';

type NetworkFault = Extract<DrillFault, { kind: 'partition' | 'latency' | 'loss' | 'bandwidth' }>;

/**
 * A link is hit as a whole: every running pod at either end, as Chaos Mesh finds them at the moment of injection. Without a far
 * end, all that the pods send is hit: which is how a whole component gets slow, lossy or narrow.
 */
export function networkSpec(fault: NetworkFault, request: ObjectRequest): NetworkChaosSpec {
  const { component, componentName } = request;
  if (fault.kind === 'partition' && fault.params.mode !== 'blackhole') {
    throw refuse(
      `fault ${fault.name}: Chaos Mesh drops packets; it cannot ${fault.params.mode} connections`,
      'use `mode: blackhole`',
    );
  }
  if (component.to !== undefined) {
    return {
      ...action(fault),
      mode: 'all',
      selector: running(component.namespace, component.labels),
      ...farEnd(fault, request),
    };
  }
  if (fault.kind === 'partition') {
    throw refuse(
      `fault ${fault.name}: ${componentName} names pods, and a partition needs a link`,
      'add `to: { labels: … }` or `to: { hosts: […] }` to the component: the far end',
    );
  }
  const direction = directionOf(fault, request);
  if (direction !== 'to') {
    throw refuse(
      `fault ${fault.name}: ${componentName} has no far end, so only what its pods send can be hit, not direction ${direction}`,
      'write `direction: to`, or add `to:` to the component',
    );
  }
  return { ...action(fault), ...hitPods(request), direction: 'to' };
}

function action(fault: NetworkFault): Pick<NetworkChaosSpec, 'action' | 'delay' | 'loss' | 'bandwidth'> {
  switch (fault.kind) {
    case 'partition':
      return { action: 'partition' };
    case 'latency':
      return {
        action: 'delay',
        delay: {
          latency: goDuration(fault.params.delay),
          ...(fault.params.jitter === undefined ? {} : { jitter: goDuration(fault.params.jitter) }),
        },
      };
    case 'loss':
      return {
        action: 'loss',
        loss: {
          loss: percentText(fault.params.share),
          ...(fault.params.correlation === undefined
            ? {}
            : { correlation: percentText(fault.params.correlation) }),
        },
      };
    case 'bandwidth':
      return {
        action: 'bandwidth',
        // `bps` is bytes per second in Chaos Mesh, as in tc.
        bandwidth: {
          rate: `${fault.params.rate}bps`,
          limit: fault.params.queueBytes,
          buffer: fault.params.burstBytes,
        },
      };
  }
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

function percentText(share: number): string {
  return String(Number((share * 100).toPrecision(6)));
}
