import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { readJournal } from '../journal/read-journal.ts';
import { journalOf } from '../journal/run-directory.ts';
import { judgeRun } from '../judge/judge.ts';
import { RefusalError } from '../refusal.ts';
import { between } from './calibration/calibration.ts';
import { gateBudget } from './error-budgets.ts';
import type { GatePlan, GateResult, PartResult } from './gate.types.ts';
import { runRecord } from './history/run-record.ts';
import { runGate } from './run-gate.ts';

const named = z.object({ name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}$/) });
const variables = z.record(z.string(), z.string());
const recipe = z.object({
  schema: z.literal(1),
  suite: z.string(),
  seed: z.int(),
  checks: z.array(named.extend({ blocks: z.boolean(), note: z.string().exactOptional() })),
  comparisons: z.array(
    z.object({
      comparison: z.object({
        name: z.string(),
        scenario: z.string().optional(),
        script: z.string().optional(),
        vars: variables,
        slots: z.object({ pairs: z.int(), length: z.number(), warmUp: z.number().default(0) }),
        restarts: z.int(),
        smallest: z.object({ ratio: z.number(), absolute: z.number() }),
        requests: z.array(z.string()).optional(),
        blocks: z.boolean(),
      }),
      starts: z.array(named),
      notes: z.array(z.string()),
      history: z.array(runRecord).nullable(),
      between: between.nullable(),
      stopsEarly: z.boolean().exactOptional(),
      alpha: z.number().gt(0).max(1).exactOptional(),
    }),
  ),
  budgets: z.array(gateBudget).exactOptional(),
});
const FILE = 'recipe.json.gz';

/** Is this the directory of a gate? */
export function isGate(directory: string): boolean {
  return existsSync(path.join(directory, FILE));
}

/** Writes down what is needed to decide again from the recordings: all but the recordings. */
export function writeRecipe(
  directory: string,
  { suite, seed, checks, comparisons, budgets = [] }: GatePlan,
): void {
  const reduced = {
    schema: 1,
    suite,
    seed,
    checks: checks.map(({ name, blocks, note }) => ({ name, blocks, note })),
    comparisons: comparisons.map(({ starts, ...rest }) => ({
      ...rest,
      starts: starts.map(({ name }) => ({ name })),
    })),
    budgets,
  };
  writeFileSync(path.join(directory, FILE), gzipSync(JSON.stringify(reduced)));
}

/**
 * Decides again from what was recorded: the same recordings have the same answers.
 * @throws RefusalError when the directory is not that of a gate that this squall reads
 */
export async function judgeGate(directory: string): Promise<GateResult> {
  let data: unknown;
  try {
    data = JSON.parse(gunzipSync(readFileSync(path.join(directory, FILE))).toString('utf8'));
  } catch (error) {
    throw new RefusalError(`${path.join(directory, FILE)} cannot be read: ${(error as Error).message}`);
  }
  const { data: plan, error } = recipe.safeParse(data);
  if (error)
    throw new RefusalError(`${path.join(directory, FILE)} does not fit: ${error.issues[0]?.message}`);
  return runGate({
    // Left out and undefined are the same here.
    plan: plan as GatePlan<z.output<typeof named>>,
    directory,
    run: (_, own) => judgePart(own),
    stopped: () => false,
    say: () => {},
  });
}

async function judgePart(directory: string): Promise<PartResult> {
  const { lines, damage } = readJournal(journalOf(directory));
  const { verdict } = await judgeRun({ directory, lines, damage });
  return { verdict: verdict.verdict, reasons: verdict.reasons, directory, residue: verdict.residue };
}
