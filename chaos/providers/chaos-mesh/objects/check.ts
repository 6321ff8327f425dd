import { PROTECTED_NAMESPACES } from '../component.ts';
import { refuse } from '../errors.ts';
import type { ChaosObject, NetworkChaosSpec, PodSelection } from './types.ts';

/**
 * squall's own look at an object before the API server sees it. It knows what neither schema nor webhook refuses: a selector
 * that matches everything, a namespace that is not the object's, a fault without an end.
 * @throws ProviderError with everything that is wrong
 */
export function checkObject(object: ChaosObject, allowedNamespaces: readonly string[]): void {
  const wrong = [...checkMetadata(object), ...checkSelection('selector', object.spec, allowedNamespaces)];
  if (object.kind === 'NetworkChaos')
    wrong.push(...checkNetwork(object.spec as NetworkChaosSpec, allowedNamespaces));
  if (!isOneShot(object)) {
    const { duration } = object.spec;
    if (duration === undefined)
      wrong.push('spec.duration is missing: the fault would never end if squall died');
    else if (!GO_DURATION.test(duration))
      wrong.push(`spec.duration ${JSON.stringify(duration)} is not a duration`);
  }
  if (wrong.length > 0) {
    throw refuse(
      `the ${object.kind} ${object.metadata.name} is refused before it is sent: ${wrong.join('; ')}`,
      'correct the fault in the drill, or the component in the environment',
    );
  }
}

/** Kills happen once; everything else lasts until it is taken away. */
export function isOneShot(object: ChaosObject): boolean {
  return (
    object.kind === 'PodChaos' &&
    'action' in object.spec &&
    ['pod-kill', 'container-kill'].includes(object.spec.action)
  );
}

const GO_DURATION = /^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/;
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function checkMetadata({ metadata }: ChaosObject): string[] {
  const wrong: string[] = [];
  if (!NAME.test(metadata.name))
    wrong.push(`${JSON.stringify(metadata.name)} cannot be a name in Kubernetes`);
  if (PROTECTED_NAMESPACES.includes(metadata.namespace))
    wrong.push(`namespace ${metadata.namespace} is protected`);
  return wrong;
}

function checkSelection(where: string, selection: PodSelection, allowed: readonly string[]): string[] {
  const wrong: string[] = [];
  const { selector, mode, value } = selection;
  const pods = Object.values(selector.pods ?? {}).flat();
  if (Object.keys(selector.labelSelectors ?? {}).length === 0 && pods.length === 0) {
    wrong.push(`spec.${where} is empty: it would match every pod of its namespaces`);
  }
  const namespaces = [...selector.namespaces, ...Object.keys(selector.pods ?? {})];
  if (selector.namespaces.length === 0)
    wrong.push(`spec.${where} names no namespace: it would match in all of them`);
  for (const namespace of new Set(namespaces)) {
    if (!allowed.includes(namespace))
      wrong.push(`spec.${where} reaches into namespace ${namespace}, which is not listed`);
  }
  if (mode === 'fixed' && !/^[1-9]\d*$/.test(value ?? '')) {
    wrong.push(`spec.${where}: mode fixed needs a value, a whole number in quotes`);
  }
  return wrong;
}

function checkNetwork(spec: NetworkChaosSpec, allowed: readonly string[]): string[] {
  const wrong = spec.target === undefined ? [] : checkSelection('target.selector', spec.target, allowed);
  const external = spec.externalTargets?.length ?? 0;
  if (spec.action === 'partition' && spec.target === undefined && external === 0) {
    wrong.push('spec has no target: the pods would be cut off from everything');
  }
  if (external > 0 && spec.direction !== 'to') wrong.push('spec.externalTargets needs direction: to');
  return wrong;
}
