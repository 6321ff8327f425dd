import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';

/** Cut to the terminal's columns, with an ellipsis, so that no line wraps: a wrapped line could not be repainted. */
export function truncate(line: string, width: number): string {
  if (stringWidth(line) <= width) return line;
  return width < 2 ? '' : `${sliceAnsi(line, 0, width - 1)}…`;
}
