import type { DrillFault, FaultKindName, FaultOf } from '../../../faults/index.ts';
import type { ObjectRequest } from './request.ts';
import type { ChaosKind, Specs } from './types.ts';

/** How Chaos Mesh does one kind of fault: one file per kind in this folder, all of them listed in index.ts. */
export interface ObjectKind {
  /** The custom resource that it becomes. */
  readonly crd: ChaosKind;
  readonly hits: readonly ('pods' | 'link')[];
  /**
   * What shows it besides Chaos Mesh's own records: the pods are gone; a container has ended; the pod has another image; rules are
   * applied in the pods; stressors run. Some kinds show in nothing else.
   */
  readonly shownBy: 'killed-pods' | 'ended-container' | 'swapped-image' | 'rules' | 'stressors' | 'records';
  /** Acts inside the container, and ends with it. */
  readonly inContainer: boolean;
  /** @throws ProviderError for what Chaos Mesh cannot do */
  spec(request: ObjectRequest): Specs[ChaosKind];
}

export function objectKind<Kind extends FaultKindName, Crd extends ChaosKind>(
  kind: Kind,
  facts: Omit<ObjectKind, 'crd' | 'spec'> & {
    readonly crd: Crd;
    spec(fault: FaultOf<Kind>, request: ObjectRequest): Specs[Crd];
  },
): ObjectKind {
  const isOwn = (fault: DrillFault): fault is FaultOf<Kind> => fault.kind === kind;
  return {
    ...facts,
    spec(request) {
      const { fault } = request;
      if (!isOwn(fault)) throw new TypeError(`a fault of kind ${fault.kind} is not of kind ${kind}`);
      return facts.spec(fault, request);
    },
  };
}
