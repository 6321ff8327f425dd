import { inert } from '../chaos/definitions/issues/inert.ts';
import { command as wholeCommand } from '../orchestrator/report/text/terminal-text.ts';
import type { Residue } from '../orchestrator/verdict.types.ts';

/** What was left behind and, on its own line for copying, the command that removes it. The prefix says where. */
export function leftBehind(prefix: string, { what, command }: Residue): string[] {
  return [`${prefix}LEFT BEHIND: ${inert(what, 500)}. Fix:`, `  ${wholeCommand(command)}`];
}
