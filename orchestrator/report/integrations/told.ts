import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** How telling one integration went. */
const toldOutcome = z.object({
  name: z.string(),
  /** Null: it was told; or there was nothing to tell it about this run. */
  problem: z.string().nullable(),
  /** Requests and files that were taken, and how many there were. */
  sent: z.int().min(0),
  of: z.int().min(0),
  ms: z.number().min(0),
});
const toldFile = z.object({ schema: z.literal(1), told: z.array(toldOutcome).readonly() });

export type ToldOutcome = Readonly<z.infer<typeof toldOutcome>>;

/** In a run's directory, beside the verdict: the journal is closed when the verdict is told. */
export const TOLD_FILE = 'integrations.json';

export function toldJson(told: readonly ToldOutcome[]): string {
  return `${JSON.stringify({ schema: 1, told } satisfies z.infer<typeof toldFile>, null, 2)}\n`;
}

/** None when the file is missing or damaged: it proves nothing that the verdict needs. */
export function readTold(directory: string): readonly ToldOutcome[] {
  try {
    return toldFile.parse(JSON.parse(readFileSync(path.join(directory, TOLD_FILE), 'utf8'))).told;
  } catch {
    return [];
  }
}

/** `slack: told`, or `slack: NOT told: answered 403: invalid_token`. */
export function toldText({ name, problem, sent, of }: ToldOutcome): string {
  if (problem === null) return of === 0 ? `${name}: nothing to tell` : `${name}: told`;
  return `${name}: NOT told${sent === 0 ? '' : ` (${sent} of ${of} sent)`}: ${problem}`;
}
