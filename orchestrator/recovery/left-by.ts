import { asResidue } from '../undo.ts';
import type { Residue } from '../verdict.types.ts';
import { EnvironmentBusyError } from './active-run.ts';
import { LeftBehindError } from './left-behind-error.ts';

/** What is left when a run could not begin or end, also by an earlier one: nothing else must begin beside it. */
export function leftBy(error: unknown): readonly Residue[] {
  if (error instanceof LeftBehindError) return error.left.map(asResidue);
  if (!(error instanceof EnvironmentBusyError) || error.alive) return [];
  return [{ what: `run ${error.active.run}`, command: `squall recover ${error.active.run}` }];
}
