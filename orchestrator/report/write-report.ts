import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Judgement, RecordedRun } from '../judge/types.ts';
import { runFacts } from './facts.ts';
import { REPORT_FORMATS } from './formats.ts';

/**
 * Writes every format of the report into a run's directory. Each file is complete or not there: a reader never sees half a file,
 * and what was there before stays until its successor is complete.
 */
export async function writeReport(directory: string, judgement: Judgement, run: RecordedRun): Promise<void> {
  const facts = runFacts(run);
  await mkdir(directory, { recursive: true });
  for (const { file, render } of REPORT_FORMATS)
    await replace(path.join(directory, file), await render(judgement, facts));
}

async function replace(file: string, text: string): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
  try {
    await writeFile(temporary, text);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}
