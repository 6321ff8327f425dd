import { refuse } from '../errors.ts';
import type { ObjectRequest } from './request.ts';
import type { PodSelection, Selector } from './types.ts';

/** Behind the drill's own `for`, so that it ends a fault only when squall no longer does. */
const SERVER_MARGIN_MS = 30_000;

/** A Go duration for `spec.duration`. */
export function serverLimit(forMs: number): string {
  return `${Math.ceil((forMs + SERVER_MARGIN_MS) / 1000)}s`;
}

/** Milliseconds as a Go duration that the CRDs' patterns accept. */
export function goDuration(ms: number): string {
  return Number.isInteger(ms) ? `${ms}ms` : `${Math.round(ms * 1000)}us`;
}

export function hitPods(request: ObjectRequest): PodSelection {
  const { component, componentName, hit, fault } = request;
  if (component.to !== undefined) {
    throw refuse(
      `fault ${fault.name}: ${componentName} is a link, and ${fault.kind} hits pods`,
      `name a component without \`to\`, or use partition, latency, loss or bandwidth`,
    );
  }
  if ('pods' in hit) {
    if (hit.pods.length === 0)
      throw refuse(`fault ${fault.name}: no pod to hit`, 'a selector must not be empty');
    const { namespace } = component;
    return { mode: 'all', selector: { namespaces: [namespace], pods: { [namespace]: hit.pods } } };
  }
  const selector = running(component.namespace, component.labels);
  return hit.matching.count === 'all'
    ? { mode: 'all', selector }
    : { mode: 'fixed', value: String(hit.matching.count), selector };
}

/** Chaos Mesh would also pick pods that have ended or not begun, and never succeed on them. */
export function running(namespace: string, labelSelectors: Readonly<Record<string, string>>): Selector {
  return { namespaces: [namespace], labelSelectors, podPhaseSelectors: ['Running'] };
}

export function containers(request: ObjectRequest): { containerNames?: readonly string[] } {
  return request.hit.container === undefined ? {} : { containerNames: [request.hit.container] };
}
