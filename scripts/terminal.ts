/** How the terminal wants its text: https://no-color.org, and plain text if it is not a terminal. */
export function terminalLook(stream: NodeJS.WriteStream = process.stdout): { color: boolean; width: number } {
  const color = stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return { color, width: stream.columns ?? 120 };
}
