import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { buildScenarios } from '../../orchestrator/tools/build.ts';
import type { SummaryRow } from '../../scenarios/lib/objectives/summary-row.ts';

export interface BundleRun {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The rows of the bundle's own summary; empty when it printed none. */
  readonly rows: readonly SummaryRow[];
  /** That summary as it was written (SUMMARY_JSON); empty when there was none. */
  readonly summary: string;
  /** The lines of `--out csv`, including the header. */
  readonly csv: readonly string[];
}

/** Bundles the scenarios into the test's own directory, because somebody else may write `build/` at the same time. */
export async function buildForTest(): Promise<{ bundle(name: string): string; remove(): void }> {
  const outDir = mkdtempSync(path.join(os.tmpdir(), 'squall-bundles-'));
  await buildScenarios({ cwd: path.resolve(import.meta.dirname, '../..'), outDir });
  return {
    bundle: (name) => path.join(outDir, `${name}.js`),
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  };
}

/** `k6 run <script>` as a person would type it, with the settings as -e. */
export async function runBundle(request: {
  readonly k6: string;
  readonly script: string;
  readonly vars: Readonly<Record<string, string | number>>;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<BundleRun> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-run-'));
  const file = (name: string) => path.join(directory, name);
  const vars = Object.entries({ ...request.vars, SUMMARY_JSON: file('summary.json') }).flatMap(
    ([name, value]) => ['-e', `${name}=${value}`],
  );
  const { exitCode, stdout, stderr } = await execa(
    request.k6,
    ['run', '--quiet', '--address=', '--out', `csv=${file('samples.csv')}`, ...vars, request.script],
    {
      reject: false,
      timeout: request.timeoutMs ?? 90_000,
      env: { K6_AUTO_EXTENSION_RESOLUTION: 'false', K6_WEB_DASHBOARD: 'false', ...request.env },
    },
  );
  const read = (name: string): string => {
    try {
      return readFileSync(file(name), 'utf8');
    } catch {
      return '';
    }
  };
  const summary = read('summary.json');
  const rows = (JSON.parse(summary || '{"rows":[]}') as { rows: SummaryRow[] }).rows;
  const csv = read('samples.csv').trim().split('\n');
  rmSync(directory, { recursive: true, force: true });
  return { exitCode, stdout, stderr, rows, summary, csv };
}

/** Names of the objectives with this result. */
export function withResult(run: BundleRun, result: SummaryRow['result']): string[] {
  return run.rows.filter((row) => row.result === result).map(({ objective }) => objective);
}
