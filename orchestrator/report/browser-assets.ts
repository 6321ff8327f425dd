import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../../chaos/package-root.ts';
import type { ChartAssets } from './html.ts';

/**
 * The live chart (browser/timeline.ts with uPlot) for inlining, as scripts/bundle.mjs has made it.
 * Null when it is not there: a report with a static chart is better than none at the end of a run.
 */
export async function chartAssets(): Promise<ChartAssets | null> {
  const asset = (name: string) => readFile(path.join(packageRoot(), 'dist', 'browser', name), 'utf8');
  try {
    const [script, style] = await Promise.all([asset('report-timeline.js'), asset('uplot.css')]);
    return { script, style };
  } catch {
    return null;
  }
}
