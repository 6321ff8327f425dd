import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Judgement, RecordedRun } from '../judge/types.ts';
import { runFacts } from './facts.ts';
import { REPORT_FORMATS } from './formats.ts';
import { readTold } from './integrations/told.ts';
import { replaceFile } from './replace-file.ts';

/**
 * Writes every format of the report into a run's directory. Each file is complete or not there: a reader never sees half a file,
 * and what was there before stays until its successor is complete.
 */
export async function writeReport(directory: string, judgement: Judgement, run: RecordedRun): Promise<void> {
  const facts = { ...runFacts(run), told: readTold(directory) };
  await mkdir(directory, { recursive: true });
  for (const { file, render } of REPORT_FORMATS)
    await replaceFile(path.join(directory, file), await render(judgement, facts));
}
