/** Standard output carries results; messages and progress go to standard error when the output is for a machine. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
