import xterm from '@xterm/headless';
import { expect, it } from 'vitest';
import { createScreen } from './screen.ts';

/** A real terminal emulator, with the columns and rows that the screen asks for. */
function terminal(columns: number, rows: number) {
  const emulator = new xterm.Terminal({
    cols: columns,
    rows,
    allowProposedApi: true,
    scrollback: 200,
    convertEol: true,
  });
  const writes: string[] = [];
  const output = {
    get columns() {
      return emulator.cols;
    },
    get rows() {
      return emulator.rows;
    },
    write(text: string) {
      writes.push(text);
      emulator.write(text);
    },
  };
  const settled = () => new Promise<void>((resolve) => emulator.write('', resolve));
  return {
    output,
    writes,
    async resize(width: number) {
      await settled();
      emulator.resize(width, rows);
    },
    /** Every line of the scrollback and the screen, wrapped ones joined, without the empty end. */
    async text() {
      await settled();
      const { active } = emulator.buffer;
      const lines: string[] = [];
      for (let row = 0; row < active.length; row++) {
        const line = active.getLine(row);
        const text = line?.translateToString(true) ?? '';
        if (line?.isWrapped) lines.push((lines.pop() ?? '') + text);
        else lines.push(text);
      }
      return lines.join('\n').trimEnd().split('\n');
    },
  };
}

it('paints over its block and leaves the lines above it', async () => {
  const { output, text } = terminal(40, 10);
  const screen = createScreen(output);
  screen.paint([], ['phase: steady', 'one', 'two']);
  screen.paint(['a line to keep'], ['phase: fault', 'one']);
  screen.paint(['another'], ['phase: recovery']);
  expect(await text()).toEqual(['a line to keep', 'another', 'phase: recovery']);
});

it('writes once for each change, and nothing when nothing changed', () => {
  const { output, writes } = terminal(40, 10);
  const screen = createScreen(output);
  screen.paint([], ['same']);
  screen.paint([], ['same']);
  screen.paint(['line'], ['same']);
  expect(writes).toHaveLength(2);
});

it('leaves no rest of its block behind when the terminal becomes narrower, then wider', async () => {
  const { output, text, resize } = terminal(60, 12);
  const screen = createScreen(output);
  screen.paint(['kept'], ['x'.repeat(55), 'y'.repeat(58), 'short']);
  await resize(20);
  screen.paint([], ['narrow one', 'narrow two']);
  expect(await text()).toEqual(['kept', 'narrow one', 'narrow two']);
  await resize(70);
  screen.paint(['kept too'], ['wide']);
  expect(await text()).toEqual(['kept', 'kept too', 'wide']);
});

it('takes the block away at the end', async () => {
  const { output, text } = terminal(40, 10);
  const screen = createScreen(output);
  screen.paint(['kept'], ['block', 'more']);
  screen.paint(['last'], []);
  expect(await text()).toEqual(['kept', 'last']);
});
