import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { RefusalError } from '../../refusal.ts';
import type { Outcome } from '../../verdict.types.ts';
import { outcome, recordedObjective, time } from '../../verdict-shapes.ts';
import type { Reading, ValueUnit } from '../text/value-text.ts';

/** One run or gate of a directory, as its own verdict says. Nothing is judged again: that would take minutes. */
export interface IndexedRun {
  /** Its directory, below the one of the index. */
  readonly directory: string;
  readonly kind: 'drill' | 'gate';
  readonly run: string;
  /** The name of the drill or suite. */
  readonly of: string;
  /** Empty for gates. */
  readonly environment: string;
  readonly startedAt: string;
  readonly verdict: Outcome;
  readonly reason: string;
  readonly measures: readonly IndexedMeasure[];
}

export interface IndexedMeasure extends Reading {
  readonly name: string;
  /** Null: not measured. */
  readonly value: number | null;
  readonly result: Outcome;
}

export interface RunsOfDirectory {
  /** The oldest first. */
  readonly runs: readonly IndexedRun[];
  /** Directories with a verdict that cannot be read, and why. */
  readonly unreadable: readonly { readonly directory: string; readonly reason: string }[];
  /** How many of the oldest directories were left out. */
  readonly leftOut: number;
}

/** So many of the newest are read: after years an index costs what it costs after a month. */
export const MOST_RUNS = 500;
/** A verdict with thousands of outages has about a megabyte. */
const MOST_BYTES = 8 * 1024 * 1024;

/** @throws RefusalError when the directory cannot be read */
export function readRuns(directory: string): RunsOfDirectory {
  const names = directoriesIn(directory);
  const runs: IndexedRun[] = [];
  const unreadable: { directory: string; reason: string }[] = [];
  for (const name of names.slice(0, MOST_RUNS)) {
    try {
      const run = readOne(directory, name);
      if (run !== null) runs.push(run);
    } catch (error) {
      unreadable.push({ directory: name, reason: (error as Error).message });
    }
  }
  runs.sort((a, b) => a.startedAt.localeCompare(b.startedAt) || a.run.localeCompare(b.run));
  return { runs, unreadable, leftOut: Math.max(0, names.length - MOST_RUNS) };
}

/** The newest first. A link (`latest`) would be a run twice. */
function directoriesIn(directory: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    throw new RefusalError(`${directory} cannot be read: ${(error as Error).message}`);
  }
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, at: lstatSync(path.join(directory, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
    .map(({ name }) => name);
}

function readOne(directory: string, name: string): IndexedRun | null {
  const own = path.join(directory, name);
  const gate = jsonOf(path.join(own, 'gate.json'), gateShape);
  if (gate !== null) return gateRun(name, gate, startOfGate(own));
  const verdict = jsonOf(path.join(own, 'verdict.json'), verdictShape);
  return verdict === null ? null : drillRun(name, verdict);
}

/** A gate keeps no time of its own: its recipe is written at its start, and never again. */
function startOfGate(own: string): number {
  const [recipe, gate] = ['recipe.json.gz', 'gate.json'].map((file) =>
    lstatSync(path.join(own, file), { throwIfNoEntry: false }),
  );
  return (recipe ?? gate)?.mtimeMs ?? 0;
}

/** Null when there is no such file. @throws when it does not fit */
function jsonOf<T>(file: string, shape: z.ZodType<T>): T | null {
  let text: string;
  try {
    if (lstatSync(file).size > MOST_BYTES) throw new Error(`${path.basename(file)} is too large`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const { data, error } = shape.safeParse(JSON.parse(text));
  if (error !== undefined) {
    const [first] = error.issues;
    throw new Error(`${path.basename(file)}: ${first?.path.join('.')}: ${first?.message}`);
  }
  return data as T;
}

const verdictShape = z.object({
  run: z.string(),
  drill: z.string(),
  environment: z.string(),
  verdict: outcome,
  reasons: z.array(z.string()),
  startedAt: time,
  objectives: z.array(recordedObjective),
});

const gateShape = z.object({
  suite: z.string(),
  verdict: outcome,
  reasons: z.array(z.string()),
  comparisons: z.array(
    z.object({
      name: z.string(),
      request: z.string(),
      measure: z.string(),
      answer: z.string(),
      // Of an older squall: there was no answer at all.
      candidate: z.number().nullable(),
    }),
  ),
});

function drillRun(directory: string, verdict: z.output<typeof verdictShape>): IndexedRun {
  const { run, drill, environment, startedAt, reasons, objectives } = verdict;
  return {
    ...{ directory, kind: 'drill', run, of: drill, environment, startedAt },
    verdict: verdict.verdict,
    reason: verdict.verdict === 'PASS' ? '' : (reasons[0] ?? ''),
    measures: objectives.map(({ name, phase, target, measured, result }) => ({
      name: `${name} (${phase})`,
      unit: 'target',
      target,
      value: measured,
      result,
    })),
  };
}

const UNITS: Readonly<Record<string, ValueUnit>> = { errors: 'share', throughput: 'per second' };
const RESULTS: Readonly<Record<string, Outcome>> = { same: 'PASS', improved: 'PASS', regressed: 'FAIL' };

/** What the candidates were: the ratio to a baseline that moves along has no trend. */
function gateRun(directory: string, gate: z.output<typeof gateShape>, startMs: number): IndexedRun {
  const { suite, verdict, reasons, comparisons } = gate;
  return {
    ...{ directory, kind: 'gate', run: directory, of: suite, environment: '' },
    startedAt: new Date(startMs).toISOString(),
    verdict,
    reason: verdict === 'PASS' ? '' : (reasons[0] ?? ''),
    measures: comparisons.map(({ name, request, measure, answer, candidate }) => ({
      name: `${name}: ${request} ${measure}`,
      unit: UNITS[measure] ?? 'ms',
      value: candidate,
      result: RESULTS[answer] ?? 'INVALID',
    })),
  };
}
