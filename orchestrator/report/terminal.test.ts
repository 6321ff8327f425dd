import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { realisticRun } from './fixtures/realistic.ts';
import { renderVerdict } from './terminal.ts';

const { verdict } = realisticRun('INVALID').judgement;

it('says the same with and without colour', () => {
  const [plainText, colored] = [false, true].map((color) => renderVerdict(verdict, { color, width: 120 }));
  expect(colored).not.toBe(plainText);
  expect(stripVTControlCharacters(colored ?? '')).toBe(plainText);
});

it.each([40, 60, 80, 120])('stays within %i columns, but for commands that are to be copied', (width) => {
  const commands = verdict.residue.map((left) => left.command);
  const lines = renderVerdict(verdict, { color: false, width }).split('\n');
  const wide = lines.filter((line) => stringWidth(line) > width && !commands.includes(line.trim()));
  expect(wide).toEqual([]);
});

it('names the report below the working directory in short, elsewhere in full', () => {
  const last = (directory: string) =>
    renderVerdict(verdict, { color: false, width: 120, directory }).split('\n').at(-1);
  expect(last('reports/x')).toBe('Report  reports/x/report.html');
  expect(last('/somewhere/else')).toBe('Report  /somewhere/else/report.html');
});

it('prints the exact command for what was left behind, on a line of its own', () => {
  expect(renderVerdict(verdict, { color: false, width: 40 }).split('\n')).toContain('    kill -CONT 4712');
});
