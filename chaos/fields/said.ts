/**
 * How messages in schemas are written: the rule, and after a semicolon how to put it right. The loader splits the two, so that
 * every refusal says both.
 */
export function said(rule: string, fix: string): string {
  return `${rule}; ${fix}`;
}

/** The other way round. A message without a fix gets the one given. */
export function split(message: string, fix: string): { rule: string; fix: string } {
  const at = message.indexOf('; ');
  return at === -1 ? { rule: message, fix } : { rule: message.slice(0, at), fix: message.slice(at + 2) };
}
