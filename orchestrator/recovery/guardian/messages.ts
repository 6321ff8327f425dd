import type { UndoRecord } from '../../../chaos/provider.ts';
import type { ActiveRun } from '../active-run.ts';

/** Lines of JSON from the orchestrator to the guardian's standard input. Its end without `bye` means: the orchestrator died. */
export type ToGuardian =
  | { readonly type: 'hello'; readonly active: ActiveRun }
  | { readonly type: 'arm'; readonly record: UndoRecord }
  | { readonly type: 'disarm'; readonly id: string }
  | { readonly type: 'bye' };

/** Lines of JSON back: each message is acknowledged by its number. */
export interface FromGuardian {
  readonly ack: number;
}
