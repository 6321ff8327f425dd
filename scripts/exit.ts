import { DefinitionError } from '../chaos/definitions/issues/definition-error.ts';
import { inert } from '../chaos/definitions/issues/inert.ts';
import { ProviderError } from '../chaos/provider.ts';
import { EnvironmentBusyError } from '../orchestrator/recovery/active-run.ts';
import { LeftBehindError } from '../orchestrator/recovery/left-behind-error.ts';
import { RefusalError } from '../orchestrator/refusal.ts';
import { asResidue } from '../orchestrator/undo.ts';
import type { Outcome } from '../orchestrator/verdict.types.ts';
import { exitCodes } from './exit-codes.ts';
import { leftBehind } from './left-behind.ts';
import { stackOf } from './uncaught.ts';

export { exitCodes };

export function exitCodeForVerdict(verdict: Outcome, residue: readonly unknown[]): number {
  return residue.length > 0 ? exitCodes.residue : exitCodes[verdict];
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof LeftBehindError) return exitCodes.residue;
  if (error instanceof EnvironmentBusyError) return error.alive ? exitCodes.usage : exitCodes.residue;
  const refusal =
    error instanceof DefinitionError || error instanceof ProviderError || error instanceof RefusalError;
  return refusal ? exitCodes.usage : exitCodes.INVALID;
}

/** The message for a person, with a stack only if squall itself is at fault. */
export function explain(error: unknown): string {
  if (error instanceof DefinitionError) return error.message;
  if (error instanceof LeftBehindError) {
    const left = error.left.flatMap((record) => leftBehind('! ', asResidue(record)));
    return [told(error.message), ...left, `  or: squall recover ${error.run}`].join('\n');
  }
  if (error instanceof ProviderError || error instanceof RefusalError)
    return `${told(error.message)}${error.fix ? `\n  Fix: ${error.fix}` : ''}${error instanceof RefusalError ? stackOf(error) : ''}`;
  if (error instanceof Error) return `${told(error.message)}${stackOf(error)}`;
  return told(String(error));
}

/** One that has the prefix already, from a part of squall that others use alone, gets no second one. */
function told(message: string): string {
  return `squall: ${inert(message.replace(/^squall: /, ''), 2_000)}`;
}
