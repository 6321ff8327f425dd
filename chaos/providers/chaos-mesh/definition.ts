import type { DrillFault, FaultKindName } from '../../faults/index.ts';
import type { ProviderDefinition, RefusedParam } from '../definition.ts';
import { chaosMeshComponent } from './component.ts';
import { objectKinds } from './objects/index.ts';

export const chaosMesh: ProviderDefinition<typeof chaosMeshComponent> = {
  component: chaosMeshComponent,
  isLocal: false,
  facts: (component) => ({
    ...(component.to === undefined
      ? { form: 'pods under Chaos Mesh', kinds: [...kindsThatHit('pods'), 'rollout'] }
      : { form: 'a link under Chaos Mesh', kinds: kindsThatHit('link') }),
    refusedParam: onlyParent,
    identities: [],
    secrets: [],
    withPaths: () => component,
  }),
};

function kindsThatHit(form: 'pods' | 'link'): FaultKindName[] {
  return (Object.keys(objectKinds) as FaultKindName[]).filter((kind) =>
    objectKinds[kind]?.hits.includes(form),
  );
}

function onlyParent(fault: DrillFault): RefusedParam | undefined {
  if (!('only' in fault.params) || fault.params.only === undefined) return undefined;
  return {
    path: ['params', 'only'],
    rule: 'Chaos Mesh hits a pod with all of its processes, not one of them',
    fix: 'remove `only`, or hit a local process',
  };
}
