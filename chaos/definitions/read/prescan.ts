import { CST, Lexer } from 'yaml';
import type { IssueText } from '../issues/definition-error.ts';

const MAX_TOKENS = 20_000;
const MAX_FLOW_DEPTH = 16;
const MAX_INDENT = 200;
const MAX_INDICATORS_PER_LINE = 16;

/**
 * A pass over the tokens, in linear time and without recursion, before the parser proper: it refuses texts whose nesting or
 * number of tokens would take the parser's stack or time, and directives, which can change the meaning of the rest.
 * Gives the offset and the reason of the first offence.
 */
export function prescan(text: string): (IssueText & { readonly offset: number }) | undefined {
  let offset = 0;
  let tokens = 0;
  let depth = 0;
  let indicators = 0;
  let lineStart = true;
  let content = false;
  for (const token of new Lexer().lex(text)) {
    if (MARKERS.has(token)) {
      content = token === CST.SCALAR;
      continue;
    }
    // Text after the marker is a value, whatever it begins with.
    const type = content ? 'scalar' : CST.tokenType(token);
    content = false;
    tokens += 1;
    if (tokens > MAX_TOKENS) return { offset, ...TOO_MUCH };
    if (type === 'newline') {
      indicators = 0;
      lineStart = true;
    } else {
      if (lineStart && type === 'space' && token.length > MAX_INDENT) return { offset, ...TOO_DEEP };
      lineStart = false;
    }
    if (type === 'seq-item-ind' || type === 'explicit-key-ind' || type === 'map-value-ind') {
      indicators += 1;
      if (depth === 0 && indicators > MAX_INDICATORS_PER_LINE) return { offset, ...TOO_DEEP };
    }
    if (type === 'flow-map-start' || type === 'flow-seq-start') depth += 1;
    if (type === 'flow-map-end' || type === 'flow-seq-end') depth -= 1;
    if (depth > MAX_FLOW_DEPTH) return { offset, ...TOO_DEEP };
    if (depth < 0) return { offset, ...UNOPENED, value: `"${token}"` };
    if (type === 'directive-line') return { offset, ...DIRECTIVE };
    offset += token.length;
  }
  return undefined;
}

/** Tokens of the lexer's own that stand for nothing in the text. */
const MARKERS = new Set<string>([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

const TOO_MUCH = { rule: 'the document has too many parts', fix: 'split it into smaller drills' };
const TOO_DEEP = {
  rule: 'the document is nested too deeply',
  fix: 'no definition needs more than a few levels',
};
const UNOPENED = { rule: 'this bracket closes nothing', fix: 'remove it, or put the text in quotes' };
const DIRECTIVE = { rule: 'YAML directives are not supported', fix: 'remove the line that begins with %' };
