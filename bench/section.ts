import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';

/** One line of a bench's result. `met`: null where there is no target. */
export interface BenchRow {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly met: boolean | null;
}

/** Writes the bench's own section of BENCHMARKS.md and leaves the others as they are. A target that is not met fails the bench. */
export function writeSection(title: string, note: string, rows: readonly BenchRow[]): void {
  const file = 'BENCHMARKS.md';
  const begin = `<!-- ${title} -->`;
  const end = `<!-- end of ${title} -->`;
  const machine = `${os.cpus().length} cores (${os.cpus()[0]?.model.trim()}), Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
  const section = [
    begin,
    `## ${title}`,
    '',
    note,
    '',
    `Measured on ${machine}.`,
    '',
    '| what | target | measured | met |',
    '|---|---|---|---|',
    ...rows.map(
      (r) =>
        `| ${r.what} | ${r.target} | ${r.measured} | ${r.met === null ? '' : r.met ? 'yes' : '**no**'} |`,
    ),
    end,
  ].join('\n');
  const old = existsSync(file)
    ? readFileSync(file, 'utf8')
    : '# Benchmarks\n\nWritten by `npm run bench`; each bench owns its section.\n';
  const from = old.indexOf(begin);
  const text =
    from < 0
      ? `${old.trimEnd()}\n\n${section}\n`
      : old.slice(0, from) + section + old.slice(old.indexOf(end) + end.length);
  writeFileSync(file, text);
  if (rows.some(({ met }) => met === false)) process.exitCode = 1;
  for (const row of rows)
    console.log(
      `${row.met === false ? 'NOT MET' : 'ok'}  ${row.what}: ${row.measured} (target ${row.target})`,
    );
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
