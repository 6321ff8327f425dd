import { inert } from '../chaos/definitions/issues/inert.ts';

/** For an error that nobody caught: one line, and no verdict. Whatever its name, squall is at fault. */
export function explainUncaught(error: unknown): string {
  const message = inert(error instanceof Error ? error.message : String(error), 2_000);
  return `squall: internal error: ${message}; after a drill, squall recover undoes what its guardian has not (SQUALL_DEBUG=1 shows where it happened)${stackOf(error)}`;
}

/** Where it happened, for those who ask for it. */
export function stackOf(error: unknown): string {
  return process.env.SQUALL_DEBUG && error instanceof Error ? `\n${error.stack}` : '';
}
