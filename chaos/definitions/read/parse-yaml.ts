import { isScalar, type Node, parseDocument, type YAMLError } from 'yaml';
import {
  DefinitionError,
  type DefinitionIssue,
  type IssueText,
  issueAtPlace,
} from '../issues/definition-error.ts';
import { inert } from '../issues/inert.ts';
import { lineIndex, type Source } from '../issues/source.ts';
import { prescan } from './prescan.ts';
import type { TextFile } from './read-text.ts';
import { toData } from './to-data.ts';

const MAX_SYNTAX = 5;

/**
 * Turns YAML text into plain data and remembers where everything was. One document, no tags, no directives, no merge keys,
 * no duplicate keys, few aliases, bounded depth and size; it runs nothing.
 * @throws DefinitionError with all that is wrong
 */
export function parseYaml(file: TextFile): { data: unknown; source: Source } {
  const index = lineIndex(file.text);
  const issue = (offset: number, text: IssueText): DefinitionIssue =>
    issueAtPlace(file, index.place(Math.min(offset, file.text.length)), [], text);

  const early = prescan(file.text);
  if (early !== undefined) throw new DefinitionError([issue(early.offset, early)]);
  // Duplicate keys are looked for in toData: in linear time, and with the place of the first one.
  const document = parseDocument(file.text, {
    uniqueKeys: false,
    prettyErrors: false,
    version: '1.2',
    merge: false,
  });
  const syntax: YAMLError[] = [...document.errors, ...document.warnings];
  if (syntax.length > 0) {
    // What follows the first few is mostly their consequence.
    const first = [...new Map(syntax.map((error) => [error.pos[0], error])).values()].slice(0, MAX_SYNTAX);
    throw new DefinitionError(first.map((error) => issue(error.pos[0], explain(error))));
  }
  if (document.contents === null || isEmpty(document.contents)) {
    throw new DefinitionError([
      issue(0, { rule: 'the file is empty', fix: 'write a drill or an environment' }),
    ]);
  }
  const { data, issues, placeOf } = toData(document.contents, document, { ...file, place: index.place });
  if (issues.length > 0) throw new DefinitionError(issues);
  return { data, source: { ...file, placeOf } };
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && node.source === '';
}

/** The parser's words, and what usually is behind them. */
function explain(error: YAMLError): IssueText {
  const fixes: Partial<Record<typeof error.code, string>> = {
    TAB_AS_INDENT: 'indent with spaces',
    MULTIPLE_DOCS: 'keep one document in a file: remove the second ---',
    BAD_ALIAS: 'write the value out',
    TAG_RESOLVE_FAILED: 'remove the tag (the word that begins with !)',
    MISSING_CHAR: 'close what was opened: a quote, a bracket, or a space after the colon',
    BAD_INDENT: 'line it up with its neighbours; two spaces for each level',
    BLOCK_AS_IMPLICIT_KEY: 'put the text in quotes, or the nested mapping on a line of its own',
    BAD_DQ_ESCAPE: 'in double quotes write \\\\ for a backslash, or use single quotes',
    UNEXPECTED_TOKEN: 'put the text in quotes',
    MULTILINE_IMPLICIT_KEY: 'keep a key on one line, followed by a colon and a space',
    BAD_SCALAR_START: 'put the text in quotes',
  };
  const rule = inert(error.message.replace(/[;.]\s*$/, ''), 160);
  return {
    rule: `this is not valid YAML: ${rule}`,
    fix: fixes[error.code] ?? 'put it right as the message says',
  };
}
