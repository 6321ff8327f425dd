import type { z } from 'zod';
import { faultKinds } from '../../faults/index.ts';
import { splitMessage } from '../../fields/message.ts';
import { type DefinitionIssue, issueAt } from './definition-error.ts';
import { describeValue } from './inert.ts';
import { isSecretPlace } from './mask-secrets.ts';
import { schemaMessage } from './schema-messages.ts';
import type { Path, Source } from './source.ts';
import { suggestOrList } from './suggest.ts';

/** Checks data against a schema; gives its output, or everything that is wrong with it. */
export function checkSchema<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  source: Source,
): { value: z.output<Schema> } | { issues: DefinitionIssue[] } {
  const result = schema.safeParse(data, { error: schemaMessage, reportInput: true });
  if (result.success) return { value: result.data };
  const issues = result.error.issues.flatMap((issue) => toIssues(issue, { source, data, base: [] }));
  return { issues: issues.sort((a, b) => a.line - b.line || a.column - b.column) };
}

interface Context {
  readonly source: Source;
  readonly data: unknown;
  /** Issues inside a union have paths relative to it. */
  readonly base: Path;
}

type Issue = z.core.$ZodIssue;

function toIssues(issue: Issue, context: Context): DefinitionIssue[] {
  const path = [
    ...context.base,
    ...issue.path.map((part) => (typeof part === 'number' ? part : String(part))),
  ];
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue, path, context);
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branch = closestBranch(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => toIssues(inner, { ...context, base: path }));
  }
  if (issue.code === 'invalid_key') {
    const inner = issue.issues[0];
    const text = splitMessage(inner?.message ?? issue.message, 'rename the key');
    return [issueAt(context.source, path, { ...text, value: describeValue(path.at(-1)) }, 'key')];
  }
  const value = valueAt(context.data, path);
  const text = splitMessage(issue.message, 'see the schema (chaos/schema/)');
  const shown = value === undefined || isSecretPlace(path) ? undefined : describeValue(value);
  return [issueAt(context.source, path, { ...text, value: shown })];
}

function unknownKeys(
  issue: Extract<Issue, { code: 'unrecognized_keys' }>,
  path: Path,
  { source, data }: Context,
): DefinitionIssue[] {
  const known = splitMessage(issue.message, '').fix.split(', ');
  return issue.keys.map((key) => {
    const kind = (valueAt(data, path) as { kind?: unknown } | undefined)?.kind;
    const once = key === 'for' && typeof kind === 'string' && isOnce(kind);
    const text = once
      ? { rule: `a ${kind} happens once and does not last`, fix: 'remove `for`' }
      : { rule: 'unknown key', fix: suggestOrList(key, known) };
    return issueAt(source, [...path, key], text, 'key');
  });
}

function isOnce(kind: string): boolean {
  return Object.hasOwn(faultKinds, kind) && !faultKinds[kind as keyof typeof faultKinds].lasting;
}

/**
 * Of a union, the alternative that was most likely meant: the one with the fewest things wrong. Undefined when no single one
 * stands out: then the union's own message says more.
 */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const scored = branches
    .map((issues) => ({ issues, score: issues.reduce((sum, issue) => sum + weight(issue), 0) }))
    .sort((a, b) => a.score - b.score);
  const [best, next] = scored;
  return best !== undefined && (next === undefined || best.score < next.score) ? best.issues : undefined;
}

function weight(issue: Issue): number {
  if (issue.code === 'unrecognized_keys') return issue.keys.length;
  // A nested union counts as its best alternative.
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return Math.min(...issue.errors.map((inner) => inner.reduce((sum, i) => sum + weight(i), 0)));
  }
  return 1;
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
