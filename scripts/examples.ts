/**
 * For `addHelpText('after', …)`: what one would type, each with what it is for. A test parses every line, so that none of them
 * grows old.
 */
export function examples(...lines: readonly (readonly [what: string, command: string])[]): string {
  return `\nExamples:\n${lines.map(([what, command]) => `  # ${what}\n  ${command}`).join('\n')}`;
}
