import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { GateResult } from '../gate.types.ts';
import { gateHtml } from './html.ts';
import { gateJunit } from './junit.ts';
import { gateMarkdown } from './markdown.ts';
import { gateOpenMetrics } from './open-metrics.ts';

/** A job's summary on GitHub is cut off above a mebibyte. */
const SUMMARY_BYTES = 900_000;

/**
 * Writes the result in all its forms; gate.json last, and in one step: who finds it finds all of it. In a GitHub job the Markdown also goes
 * into its summary ($GITHUB_STEP_SUMMARY).
 */
export function writeGate(directory: string, result: GateResult, env: NodeJS.ProcessEnv): void {
  const write = (name: string, text: string) => writeFileSync(path.join(directory, name), text);
  const markdown = `${gateMarkdown(result)}\n`;
  write('report.md', markdown);
  write('report.html', gateHtml(result));
  write('junit.xml', gateJunit(result));
  write('metrics.txt', gateOpenMetrics(result));
  write('.gate.json', `${JSON.stringify(result, null, 2)}\n`);
  renameSync(path.join(directory, '.gate.json'), path.join(directory, 'gate.json'));
  if (env.GITHUB_STEP_SUMMARY !== undefined && markdown.length < SUMMARY_BYTES)
    appendFileSync(env.GITHUB_STEP_SUMMARY, markdown);
}
