/** The place of a setting in a file of requests: k6 fills it in, so that no secret stands in the file. */
export function setting(name: string): string {
  return `\${${name}}`;
}
