import { refuse } from '../../../kubernetes/errors.ts';
import type { ObjectRequest } from './build.ts';
import { containers, hitPods } from './selection.ts';
import type { PodChaosSpec } from './types.ts';

const ACTIONS = { kill: 'pod-kill', freeze: 'pod-failure', 'container-kill': 'container-kill' } as const;

/** `kill` leaves the pod no time to say goodbye, as everywhere in squall. */
export function podSpec(kind: keyof typeof ACTIONS, request: ObjectRequest): PodChaosSpec {
  if (kind === 'container-kill' && request.hit.container === undefined) {
    throw refuse(
      `fault ${request.fault.name}: Chaos Mesh must be told which container of ${request.componentName} to kill`,
      'set `container:` in the component',
    );
  }
  return {
    action: ACTIONS[kind],
    ...hitPods(request),
    ...(kind === 'kill' ? { gracePeriod: 0 } : {}),
    ...(kind === 'container-kill' ? containers(request) : {}),
  };
}
