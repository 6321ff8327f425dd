import stringWidth from 'string-width';

/** The part of a terminal that a live view uses. */
export interface Output {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export interface Screen {
  /** Puts `lines` above the block for good, and the block below them, in one write. */
  paint(lines: readonly string[], block: readonly string[]): void;
}

/**
 * A block at the bottom of the terminal that is painted over. One write for each paint, inside a synchronised update where the
 * terminal knows it, and nothing when nothing changed: no flicker. A narrower terminal has wrapped the old block onto more rows:
 * they are counted at the width of now.
 */
export function createScreen(output: Output): Screen {
  let painted: readonly string[] = [];
  let paintedAt = 0;
  return {
    paint(lines, block) {
      const width = output.columns ?? 80;
      const same =
        width === paintedAt &&
        block.length === painted.length &&
        block.every((line, i) => line === painted[i]);
      if (lines.length === 0 && same) return;
      const up = painted.reduce((rows, line) => rows + Math.max(1, Math.ceil(stringWidth(line) / width)), 0);
      const back = `\r${up > 0 ? `\u001b[${up}A` : ''}\u001b[0J`;
      const text = [...lines, ...block].map((line) => `${line}\n`).join('');
      output.write(`${BEGIN_SYNC}${back}${text}${END_SYNC}`);
      painted = [...block];
      paintedAt = width;
    },
  };
}

/** Mode 2026, synchronised output; terminals that do not know it ignore it. */
const BEGIN_SYNC = '\u001b[?2026h';
const END_SYNC = '\u001b[?2026l';
