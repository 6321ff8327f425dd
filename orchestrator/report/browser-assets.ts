import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../../chaos/package-root.ts';
import type { ChartAssets } from './html.ts';

/**
 * The live chart (browser/timeline.ts with uPlot) for inlining.
 * Null when it is not there: a report with a static chart is better than none at the end of a run.
 */
export async function chartAssets(): Promise<ChartAssets | null> {
  return browserAssets('report-timeline').catch(() => null);
}

/** A script of `browserPrograms` in scripts/bundle.mjs, and uPlot's style. @throws when it is not there */
export async function browserAssets(name: string): Promise<ChartAssets> {
  const asset = (file: string) => readFile(path.join(packageRoot(), 'dist', 'browser', file), 'utf8');
  const [script, style] = await Promise.all([asset(`${name}.js`), asset('uplot.css')]);
  return { script, style };
}
