import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { MeasuredRow, MeasuredRun } from '../promises/measured-run.ts';
import { ofVerdict } from '../promises/verdict-rows.ts';
import { RefusalError } from '../refusal.ts';
import { readTold, toldText } from '../report/integrations/told.ts';
import { outcome, recordedObjective, time } from '../verdict-shapes.ts';

export interface FoundRuns {
  readonly runs: readonly MeasuredRun[];
  /** Files that count for nothing, each with the reason. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

/**
 * All runs below a directory: of drills and gates (verdict.json, gate.json), and the summaries of scenarios (SUMMARY_JSON, any name that
 * ends in .json). Symbolic links are not followed. What is damaged or foreign is told, and counts for nothing.
 * @throws RefusalError when there is no such directory
 */
export function readRuns(directory: string): FoundRuns {
  if (!existsSync(directory) || !statSync(directory).isDirectory())
    throw new RefusalError(`${directory} is no directory: nothing has been measured there`, {
      fix: 'run a drill first (it writes to reports/), or name the directory with --runs',
    });
  const runs = new Map<string, MeasuredRun>();
  const skipped: { file: string; reason: string }[] = [];
  for (const file of resultFiles(directory, skipped)) {
    try {
      const run = readResult(file, path.relative(directory, file));
      const known = runs.get(`${run.kind} ${run.run}`);
      if (known === undefined || known.at < run.at) runs.set(`${run.kind} ${run.run}`, run);
    } catch (error) {
      skipped.push({ file, reason: (error as Error).message });
    }
  }
  return { runs: [...runs.values()], skipped };
}

const MAX_DEPTH = 6;
const MAX_FILES = 10_000;
const MAX_BYTES = 20_000_000;

/** A run's own directory holds only its verdict; a gate's holds the runs of its checks, too. */
function resultFiles(root: string, skipped: { file: string; reason: string }[]): string[] {
  const found: string[] = [];
  let isCut = false;
  const walk = (directory: string, depth: number): void => {
    const entries = entriesOf(directory, skipped);
    const names = new Set(entries.map(({ name }) => name));
    const isRun = names.has('journal.jsonl');
    if (isRun && !names.has('verdict.json'))
      skipped.push({ file: directory, reason: `it has no verdict: squall report ${directory} judges it` });
    for (const entry of entries) {
      const file = path.join(directory, entry.name);
      if (found.length >= MAX_FILES) {
        isCut = true;
        return;
      }
      if (entry.isFile() && entry.name.endsWith('.json') && (!isRun || entry.name === 'verdict.json'))
        found.push(file);
      if (entry.isDirectory() && !isRun && depth < MAX_DEPTH && entry.name !== 'node_modules')
        walk(file, depth + 1);
    }
  };
  walk(root, 0);
  if (isCut)
    skipped.push({ file: root, reason: `it has more than ${MAX_FILES} results: the last by name were read` });
  return found.reverse();
}

/** Names of runs begin with their time: the newest come first. */
function entriesOf(directory: string, skipped: { file: string; reason: string }[]): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? 1 : -1));
  } catch (error) {
    skipped.push({ file: directory, reason: (error as Error).message });
    return [];
  }
}

/** @throws Error that says why it does not count */
function readResult(file: string, shown: string): MeasuredRun {
  const { size, mtime } = statSync(file);
  if (size > MAX_BYTES) throw new Error(`${size} bytes are too many for a result`);
  const data = parseJson(readFileSync(file, 'utf8'));
  if (path.basename(file) === 'verdict.json')
    return withTold(ofVerdict(checked(verdictRows, data, 'a verdict of squall')), path.dirname(file));
  if (path.basename(file) === 'gate.json')
    return ofGate(checked(gateRows, data, 'a result of squall gate'), startOfGate(file) ?? mtime, shown);
  if (isObject(data) && 'metrics' in data)
    throw new Error(
      "it is k6's own summary, which passes thresholds without a sample: let the scenario write SUMMARY_JSON, or run it in a drill",
    );
  const summary = scenarioRows.safeParse(data);
  if (!summary.success) throw new Error('it is neither a verdict nor the summary of a scenario');
  const { scenario, rows, endedAt } = summary.data;
  return {
    kind: 'scenario',
    name: scenario,
    run: shown,
    at: endedAt ?? mtime.toISOString(),
    verdict: null,
    rows: rows.map(({ objective, target, ...row }) => ({
      ...row,
      what: 'objective',
      name: objective,
      phase: null,
      target: target === '' ? null : target,
    })),
  };
}

/** Beside the verdict lies whom the run told. One whom nothing was to be told is no measurement. */
function withTold(run: MeasuredRun, directory: string): MeasuredRun {
  const told = readTold(directory).map(
    (one): MeasuredRow => ({
      what: 'told',
      name: one.name,
      phase: null,
      target: null,
      measured: `${one.sent} of ${one.of} taken`,
      result: one.problem !== null ? 'FAIL' : one.of === 0 ? 'not measured' : 'PASS',
      reason: toldText(one),
    }),
  );
  return { ...run, rows: [...run.rows, ...told] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(text.trim() === '' ? 'it is empty' : 'it is not JSON: cut off, or damaged');
  }
}

function checked<Schema extends z.ZodType>(schema: Schema, data: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const first = result.error.issues[0];
  throw new Error(`it is not ${what}: ${first?.path.join('.') || 'the file'}: ${first?.message ?? ''}`);
}

function isObject(data: unknown): data is object {
  return typeof data === 'object' && data !== null;
}

const verdictRows = z.object({
  schema: z.literal(1),
  run: z.string().min(1),
  drill: z.string(),
  environment: z.string().exactOptional(),
  vars: z.record(z.string(), z.string()).exactOptional(),
  verdict: outcome,
  // Older verdicts do not tell them apart.
  causes: z
    .array(
      z.object({
        result: z.enum(['FAIL', 'INVALID', 'NOTE']),
        cause: z.string(),
        wholeRun: z.literal(true).exactOptional(),
      }),
    )
    .exactOptional(),
  endedAt: time,
  objectives: z.array(recordedObjective.extend({ reason: z.string() })),
  faults: z.array(
    z.object({
      name: z.string(),
      // Older verdicts have none.
      expectations: z
        .array(z.object({ name: z.string(), target: z.string(), measured: z.string(), result: outcome }))
        .default([]),
    }),
  ),
  probes: z.array(z.object({ name: z.string(), target: z.string(), measured: z.string(), result: outcome })),
  writes: z
    .object({
      acknowledged: z.number(),
      present: z.number(),
      lost: z.number(),
      duplicated: z.number(),
      lostIds: z.array(z.string()),
      duplicatedIds: z.array(z.string()).default([]),
      seesDuplicates: z.literal(false).exactOptional(),
      result: outcome.default('INVALID'),
      reason: z.string().default(''),
    })
    .nullable(),
});

const scenarioRows = z.object({
  scenario: z.string().min(1),
  endedAt: time.optional(),
  rows: z.array(
    z.object({
      objective: z.string(),
      target: z.string(),
      measured: z.number().nullable(),
      result: z.enum(['PASS', 'FAIL', 'INVALID', 'not measured']),
      reason: z.string(),
    }),
  ),
});

const gateRows = z.object({
  suite: z.string(),
  verdict: outcome,
  endedAt: time.exactOptional(),
  checks: z.array(z.object({ name: z.string(), verdict: outcome, run: z.string().nullish() })),
});

/** An older gate.json does not say when it ended, and is new whenever it is judged again. The recipe is written once, at the start. */
function startOfGate(file: string): Date | undefined {
  return statSync(path.join(path.dirname(file), 'recipe.json.gz'), { throwIfNoEntry: false })?.mtime;
}

function ofGate(
  { suite, verdict, checks, endedAt }: z.output<typeof gateRows>,
  otherwise: Date,
  shown: string,
): MeasuredRun {
  return {
    kind: 'gate',
    name: suite,
    run: path.dirname(shown),
    at: endedAt ?? otherwise.toISOString(),
    verdict,
    rows: checks.map((one) => ({
      what: 'check',
      name: one.name,
      phase: null,
      target: null,
      measured: null,
      result: one.verdict,
      reason: one.run == null ? '' : `run ${one.run}`,
    })),
  };
}
