import type { DrillFault } from '../../../faults/index.ts';
import type { Arming, Resolution } from '../../../prepared-fault.ts';
import { findersOf } from '../component.ts';
import { type ProcessTarget, selectProcesses, stillThere } from '../processes/find-processes.ts';
import type { LocalRequest, Preparation } from './kind.ts';

/** What a fault on processes is given. */
export interface ProcessFault {
  readonly fault: string;
  readonly targets: readonly ProcessTarget[];
  /** Only the process that was found, whatever belongs to it (`params: { only: parent }`). */
  readonly alone: boolean;
  /** For undo records of what turns up only while the fault goes in. */
  readonly context: Arming;
}

/** Picks as many of the component's processes as the fault asks for. @throws ProviderError */
export function resolveProcesses(
  { fault, componentName, component }: LocalRequest,
  { count, onlyRunning }: { readonly count: number; readonly onlyRunning: boolean },
  signal: AbortSignal,
): Promise<Resolution> {
  const selection = { componentName, finders: findersOf(component), count, onlyRunning };
  return selectProcesses({ ...selection, alone: hitsParentOnly(fault) }, signal);
}

export function processFaultOf({ fault, targets, arming }: Preparation): ProcessFault {
  const alone = hitsParentOnly(fault);
  return { fault: fault.name, targets: stillThere(targets), alone, context: arming };
}

/** Is only the process that was found to be hit (`params: { only: parent }`), and not its tree? */
export function hitsParentOnly({ params }: Pick<DrillFault, 'params'>): boolean {
  return 'only' in params && params.only === 'parent';
}
