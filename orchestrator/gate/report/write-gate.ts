import { appendFileSync, existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { recordingOf } from '../../samples/recording/recording.ts';
import type { GateResult } from '../gate.types.ts';
import { gateComment } from './comment.ts';
import { gateHtml } from './html.ts';
import { gateJunit } from './junit.ts';
import { loadPerformance } from './load-performance.ts';
import { gateMarkdown } from './markdown.ts';
import { gateOpenMetrics } from './open-metrics.ts';

/** A job's summary on GitHub is cut off above a mebibyte. */
const SUMMARY_BYTES = 900_000;

/**
 * Writes the result in all its forms; gate.json last, and in one step: who finds it finds all of it. In a GitHub job the Markdown also goes
 * into its summary ($GITHUB_STEP_SUMMARY).
 */
export async function writeGate(
  directory: string,
  result: GateResult,
  env: NodeJS.ProcessEnv,
  say: (text: string) => void = (text) => void process.stderr.write(`${text}\n`),
): Promise<void> {
  const write = (name: string, text: string) => writeFileSync(path.join(directory, name), text);
  const markdown = `${gateMarkdown(result)}\n`;
  write('report.md', markdown);
  write('report.html', gateHtml(result));
  write('junit.xml', gateJunit(result));
  write('metrics.txt', gateOpenMetrics(result));
  write('comment.md', gateComment(result, env));
  const performance = await loadPerformance(recordingsIn(directory));
  if (performance !== null) write('load-performance.json', `${JSON.stringify(performance, null, 2)}\n`);
  write('.gate.json', `${JSON.stringify(result, null, 2)}\n`);
  renameSync(path.join(directory, '.gate.json'), path.join(directory, 'gate.json'));
  if (env.GITHUB_STEP_SUMMARY !== undefined && markdown.length < SUMMARY_BYTES)
    try {
      appendFileSync(env.GITHUB_STEP_SUMMARY, markdown);
    } catch (error) {
      // The result is written, and is not to be lost for a copy of it.
      say(`squall: the summary of the job was not written: ${(error as Error).message}`);
    }
}

/** Of the first load of each part. */
function recordingsIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => recordingOf(path.join(directory, name, 'k6'), 0))
    .filter((file) => existsSync(file))
    .sort();
}
