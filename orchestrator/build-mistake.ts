import type { BuildFailure } from 'esbuild';

/** The first thing that esbuild could not do with a file: `file:line:column: text`, without a place where it knows none. */
export function buildMistake(file: string, cause: unknown): string {
  const error = (cause as Partial<BuildFailure>).errors?.[0];
  const place = error?.location ? `:${error.location.line}:${error.location.column + 1}` : '';
  return `${file}${place}: ${error?.text ?? (cause as Error).message}`;
}
