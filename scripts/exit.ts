import { CommanderError } from 'commander';
import { DefinitionError } from '../chaos/definitions/issues/definition-error.ts';
import { inert } from '../chaos/definitions/issues/inert.ts';
import { ProviderError } from '../chaos/provider.ts';
import { EnvironmentBusyError } from '../orchestrator/recovery/active-run.ts';
import { LeftBehindError } from '../orchestrator/recovery/left-behind-error.ts';
import { RefusalError } from '../orchestrator/refusal.ts';
import { asResidue } from '../orchestrator/undo.ts';
import type { Outcome } from '../orchestrator/verdict.types.ts';
import { leftBehind } from './left-behind.ts';

/** The exit codes, which people and pipelines rely on. */
export const exitCodes = { PASS: 0, FAIL: 1, INVALID: 2, residue: 3, usage: 64 } as const;

export function exitCodeForVerdict(verdict: Outcome, residue: readonly unknown[]): number {
  return residue.length > 0 ? exitCodes.residue : exitCodes[verdict];
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
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
    return [`squall: ${inert(error.message, 2_000)}`, ...left, `  or: squall recover ${error.run}`].join(
      '\n',
    );
  }
  if (error instanceof ProviderError || error instanceof RefusalError)
    return `squall: ${inert(error.message, 2_000)}${error.fix ? `\n  Fix: ${error.fix}` : ''}${error instanceof RefusalError ? stackOf(error) : ''}`;
  if (error instanceof Error) return `squall: ${inert(error.message, 2_000)}${stackOf(error)}`;
  return `squall: ${inert(String(error), 2_000)}`;
}

/** For an error that nobody caught: one line, and no verdict. Whatever its name, squall is at fault. */
export function explainUncaught(error: unknown): string {
  const message = inert(error instanceof Error ? error.message : String(error), 2_000);
  return `squall: internal error: ${message}; after a drill, squall recover undoes what its guardian has not (SQUALL_DEBUG=1 shows where it happened)${stackOf(error)}`;
}

function stackOf(error: unknown): string {
  return process.env.SQUALL_DEBUG && error instanceof Error ? `\n${error.stack}` : '';
}
