import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Judgement, RecordedRun } from '../judge/types.ts';
import { chartAssets } from './browser-assets.ts';
import { runFacts } from './facts.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { verdictJson } from './verdict-json.ts';

/**
 * Writes verdict.json, report.html, report.md and junit.xml into a run's directory. Each is whole or not there: a reader never
 * sees half a file, and what was there before stays until its successor is complete. The verdict comes first: it must not be
 * lost to a report that cannot be drawn.
 */
export async function writeReport(directory: string, judgement: Judgement, run: RecordedRun): Promise<void> {
  const facts = runFacts(run);
  await mkdir(directory, { recursive: true });
  await replace(path.join(directory, 'verdict.json'), verdictJson(judgement.verdict));
  await replace(path.join(directory, 'junit.xml'), renderJunit(judgement.verdict));
  await replace(path.join(directory, 'report.md'), renderMarkdown(judgement, facts));
  await replace(path.join(directory, 'report.html'), renderHtml(judgement, facts, await chartAssets()));
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
