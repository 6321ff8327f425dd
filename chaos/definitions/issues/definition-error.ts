import { inertColumns } from './inert.ts';
import { isSecretPlace, maskSecrets } from './mask-secrets.ts';
import { formatPath, lineIndex, type Path, type Place, type Source } from './source.ts';

/** One thing that is wrong in a definition. All texts are inert: safe for terminals, logs and reports. */
export interface DefinitionIssue {
  readonly file: string;
  /** From 1; 0 where there is no file to point into. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Way in the document, e.g. `faults[0].at`; empty for the whole document. */
  readonly path: string;
  /** What is not as it must be. */
  readonly rule: string;
  /** What was found there, in words; undefined when there is nothing to show, or when it could be a secret. */
  readonly value: string | undefined;
  /** How to put it right. */
  readonly fix: string;
  /** The source line, cut around the column, and where the caret goes in it. */
  readonly excerpt: { readonly text: string; readonly caret: number } | undefined;
}

/** A drill or an environment that is refused. Nothing has been touched; the command line exits with 64. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
  readonly issues: readonly DefinitionIssue[];
  constructor(issues: readonly DefinitionIssue[]) {
    super(formatIssues(issues));
    this.issues = issues;
  }
}

/** More than this many are not shown: the first ones are what has to be put right anyway. */
export const MAX_ISSUES = 50;

/** @throws DefinitionError when there are any issues */
export function refuseIf(issues: readonly DefinitionIssue[]): void {
  if (issues.length > 0) throw new DefinitionError(issues);
}

/** `file:line:column  path: rule (got value). Fix: …` for each, with the source line and a caret below. */
export function formatIssues(issues: readonly DefinitionIssue[]): string {
  const shown = issues.slice(0, MAX_ISSUES).map(formatIssue);
  const more = issues.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

function formatIssue(issue: DefinitionIssue): string {
  const where = issue.line === 0 ? issue.file : `${issue.file}:${issue.line}:${issue.column}`;
  const what = `${issue.path === '' ? '' : `${issue.path}: `}${issue.rule}`;
  const got = issue.value === undefined ? '' : ` (got ${issue.value})`;
  const head = `${where}  ${what}${got}. Fix: ${issue.fix}`;
  if (issue.excerpt === undefined) return head;
  const gutter = String(issue.line).padStart(5);
  return `${head}\n${gutter} | ${issue.excerpt.text}\n${' '.repeat(5)} | ${' '.repeat(issue.excerpt.caret)}^`;
}

export interface IssueText {
  readonly rule: string;
  readonly fix: string;
  readonly value?: string | undefined;
}

/** An issue at a value (or at its key) of a loaded definition. */
export function issueAt(
  source: Source,
  path: Path,
  text: IssueText,
  part: 'key' | 'value' = 'value',
): DefinitionIssue {
  return issueAtPlace(source, source.placeOf(path, part), path, text);
}

/** An issue at a place in a text, for what has no path, such as bad syntax. */
export function issueAtPlace(
  source: Pick<Source, 'shown' | 'text'>,
  place: Place,
  path: Path,
  text: IssueText,
): DefinitionIssue {
  return {
    file: source.shown,
    line: place.line,
    column: place.column,
    path: formatPath(path),
    rule: text.rule,
    value: text.value,
    fix: text.fix,
    excerpt: isSecretPlace(path) ? undefined : excerpt(source.text, place),
  };
}

function excerpt(text: string, place: Place): DefinitionIssue['excerpt'] {
  const line = lineIndex(text).line(place.line);
  if (line.trim() === '') return undefined;
  const from = Math.max(0, Math.min(place.column - 1 - 60, line.length - 100));
  const shown = inertColumns(maskSecrets(line).slice(from, from + 100)).trimEnd();
  return { text: shown, caret: Math.min(place.column - 1 - from, 100) };
}
