import type { DrillFault, FaultKindName, FaultOf } from '../../../faults/index.ts';
import type { Arming, PreparedFault, Resolution, Target } from '../../../prepared-fault.ts';
import type { LocalComponent, LocalForm } from '../component.ts';
import type { NamedLink } from '../link/link.ts';

export interface LocalRequest<Fault extends DrillFault = DrillFault> {
  readonly fault: Fault;
  readonly componentName: string;
  readonly component: LocalComponent;
}

export interface Preparation<Fault extends DrillFault = DrillFault> extends LocalRequest<Fault> {
  readonly targets: readonly Target[];
  /** The component as a link that the session carries. @throws ProviderError when it is not one */
  readonly link: () => NamedLink;
  /** For undo records of what turns up only while the fault goes in. */
  readonly arming: Arming;
}

/** How one kind of fault is done on this machine: one file per kind in this folder, all of them listed in index.ts. */
export interface LocalFault {
  readonly hits: readonly LocalForm[];
  /** It has processes of its own, which must not outlive the session. */
  readonly hasHelpers: boolean;
  /** What it would hit, right now. Reads only. @throws ProviderError */
  resolve(request: LocalRequest, signal: AbortSignal): Resolution | Promise<Resolution>;
  /** Gets it ready, without any effect on the targets. */
  prepare(preparation: Preparation, signal: AbortSignal): PreparedFault | Promise<PreparedFault>;
}

export function localFault<Kind extends FaultKindName>(
  kind: Kind,
  facts: {
    readonly hits: LocalFault['hits'];
    readonly hasHelpers?: boolean;
    resolve(request: LocalRequest<FaultOf<Kind>>, signal: AbortSignal): Resolution | Promise<Resolution>;
    prepare(
      preparation: Preparation<FaultOf<Kind>>,
      signal: AbortSignal,
    ): PreparedFault | Promise<PreparedFault>;
  },
): LocalFault {
  const isOwn = (fault: DrillFault): fault is FaultOf<Kind> => fault.kind === kind;
  return {
    hits: facts.hits,
    hasHelpers: facts.hasHelpers ?? false,
    resolve: (request, signal) => facts.resolve({ ...request, fault: own(request.fault) }, signal),
    prepare: (preparation, signal) =>
      facts.prepare({ ...preparation, fault: own(preparation.fault) }, signal),
  };

  function own(fault: DrillFault): FaultOf<Kind> {
    if (!isOwn(fault)) throw new TypeError(`a fault of kind ${fault.kind} is not of kind ${kind}`);
    return fault;
  }
}
