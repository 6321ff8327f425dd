import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { SuiteComparison } from '../../../chaos/schema/suite.ts';
import { RefusalError } from '../../refusal.ts';
import type { Slots } from '../side-by-side/read-slots.ts';

const machine = z.object({ cpus: z.int(), model: z.string(), arch: z.string() });
export const runRecord = z.object({
  schema: z.literal(1),
  comparison: z.string(),
  at: z.string(),
  /** What was measured: another load is no baseline. */
  load: z.object({
    script: z.string(),
    vars: z.record(z.string(), z.string()),
    slots: z.object({ pairs: z.number(), length: z.number(), warmUp: z.number().default(0) }),
  }),
  machine,
  /** By the name of a request: durations of those that were answered as they should, in microseconds, and how many failed. */
  requests: z.record(z.string(), z.object({ durationsUs: z.array(z.int()), failed: z.int().min(0) })),
  /** Requests that were sent, and never where a slot is looked at. Left out: none, or an older squall. */
  outside: z.array(z.string()).exactOptional(),
});

/** One run of a comparison on its own, as it is kept in the directory of `--history`. */
export type RunRecord = z.output<typeof runRecord>;

export function recordOf(comparison: SuiteComparison, slots: Slots, at: string): RunRecord {
  const { name, script, scenario, vars } = comparison;
  const requests: RunRecord['requests'] = {};
  const outside = [...slots].flatMap(([request, { size }]) => (size === 0 ? [request] : []));
  for (const [request, ofName] of slots) {
    if (ofName.size === 0) continue;
    const all = [...ofName.entries()].sort(([a], [b]) => a - b).map(([, slot]) => slot);
    requests[request] = {
      durationsUs: all.flatMap(({ durations }) => durations.map((ms) => Math.round(ms * 1000))),
      failed: all.reduce((sum, { failed }) => sum + failed.filter((one) => one === 1).length, 0),
    };
  }
  return {
    schema: 1,
    comparison: name,
    at,
    load: { script: path.basename(script ?? scenario ?? ''), vars, slots: comparison.slots },
    machine: thisMachine(),
    requests,
    ...(outside.length === 0 ? {} : { outside }),
  };
}

/**
 * All runs that were kept, the oldest first. A directory that is not there holds none.
 * @throws RefusalError for a file that cannot be read: a baseline with a hole in it is no baseline
 */
export function readHistory(directory: string): RunRecord[] {
  const records = filesIn(directory).map((file) => {
    try {
      return runRecord.parse(JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')));
    } catch (error) {
      const [first] = (error as Error).message.split('\n');
      throw new RefusalError(
        `${file} is not a run that this squall has kept (${first}): put it aside, or take another --history`,
      );
    }
  });
  return records.sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** Finds out beforehand whether a run could be added: it takes minutes to measure one. @throws RefusalError */
export function checkKeepable(directory: string): void {
  const file = path.join(directory, `.${process.pid}`);
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, '');
    rmSync(file);
  } catch (error) {
    throw new RefusalError(`no run could be kept in ${directory}: ${(error as Error).message}`, {
      fix: 'let this user write there, or name another directory with --history',
    });
  }
}

/** Adds a run, in one step. */
export function keepRun(directory: string, record: RunRecord): void {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, `${record.at.replace(/\D/g, '')}-${record.comparison}${ENDING}`);
  writeFileSync(`${file}.${process.pid}`, gzipSync(JSON.stringify(record)));
  renameSync(`${file}.${process.pid}`, file);
}

export function thisMachine(): RunRecord['machine'] {
  const cpus = os.cpus();
  return { cpus: cpus.length, model: cpus[0]?.model.trim() ?? '', arch: os.arch() };
}

const ENDING = '.run.json.gz';

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(ENDING))
      .map((name) => path.join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new RefusalError(`${directory} cannot be read: ${(error as Error).message}`);
  }
}
