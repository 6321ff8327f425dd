import type { DrillFault } from '../../../faults/index.ts';
import type { ChaosMeshComponent } from '../component.ts';

/** What an object of Chaos Mesh is made of. */
export interface ObjectRequest {
  readonly fault: DrillFault;
  readonly componentName: string;
  readonly component: ChaosMeshComponent;
  readonly hit: Hit;
}

/** What is hit: resolved pods, by name; or, for manifests without a cluster, this many of the pods that match. */
export type Hit =
  | { readonly pods: readonly string[]; readonly container: string | undefined }
  | { readonly matching: { readonly count: number | 'all' }; readonly container: string | undefined };
