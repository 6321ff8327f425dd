import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { ChartAssets } from './html.ts';

/**
 * Bundles the live chart (browser/timeline.ts with uPlot) for inlining.
 * Null when it cannot be built: a report with a static chart is better than none at the end of a run.
 */
export async function chartAssets(): Promise<ChartAssets | null> {
  try {
    const here = fileURLToPath(import.meta.url);
    const entry = path.join(path.dirname(here), 'browser', `timeline${path.extname(here)}`);
    const [{ outputFiles }, style] = await Promise.all([
      build({
        entryPoints: [entry],
        bundle: true,
        minify: true,
        write: false,
        format: 'iife',
        target: 'es2020',
        charset: 'ascii',
        legalComments: 'inline',
        logLevel: 'silent',
      }),
      readFile(createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css'), 'utf8'),
    ]);
    const script = outputFiles[0]?.text;
    return script === undefined ? null : { script, style };
  } catch {
    return null;
  }
}
