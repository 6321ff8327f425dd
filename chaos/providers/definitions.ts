import type { FaultKindName } from '../faults/index.ts';
import type { DrillFault } from '../schema/drill.ts';
import type { Component } from '../schema/environment.ts';
import { type LocalForm, localSupports } from './local/definition.ts';

/** What a component is on its provider, and which kinds of fault that takes. Data, so that a drill is checked before the start. */
export interface Support {
  /** In words, e.g. `a local link`. */
  readonly form: string;
  readonly kinds: readonly FaultKindName[];
  /** A parameter of a kind that is known, but not done here. */
  readonly refusedParam?: (fault: DrillFault) => RefusedParam | undefined;
}

export interface RefusedParam {
  /** Inside the fault. */
  readonly path: readonly string[];
  readonly rule: string;
  readonly fix: string;
}

export function supportOf(component: Component): Support {
  switch (component.provider) {
    case 'local': {
      const form = (Object.keys(localSupports) as LocalForm[]).find((key) => component[key] !== undefined);
      return form === undefined
        ? { form: 'nothing', kinds: [] }
        : { form: `a local ${form}`, kinds: localSupports[form] };
    }
    case 'chaos-mesh':
      return component.to === undefined
        ? { form: 'pods under Chaos Mesh', kinds: PODS, refusedParam: onlyParentOfPod }
        : { form: 'a link under Chaos Mesh', kinds: LINKS };
  }
}

const PODS = [
  'kill',
  'container-kill',
  'freeze',
  'latency',
  'loss',
  'bandwidth',
  'stress',
  'io',
  'dns',
  'http',
  'time',
  'rollout',
] as const satisfies readonly FaultKindName[];
const LINKS = ['partition', 'latency', 'loss', 'bandwidth'] as const satisfies readonly FaultKindName[];

function onlyParentOfPod(fault: DrillFault): RefusedParam | undefined {
  if (!('only' in fault.params) || fault.params.only === undefined) return undefined;
  return {
    path: ['params', 'only'],
    rule: 'Chaos Mesh hits a pod with all of its processes, not one of them',
    fix: 'remove `only`, or hit a local process',
  };
}
