/**
 * How messages in schemas are written: the rule, and after a semicolon the suggestion. The loader splits the two, so that every
 * refusal says what is wrong and how to put it right.
 */
export function message(rule: string, suggestion: string): string {
  return `${rule}; ${suggestion}`;
}

/** The other way round. A message without a suggestion gets the one given. */
export function splitMessage(text: string, suggestion: string): { rule: string; fix: string } {
  const at = text.indexOf('; ');
  return at === -1 ? { rule: text, fix: suggestion } : { rule: text.slice(0, at), fix: text.slice(at + 2) };
}
