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

it('ends with the report, below the working directory in short, elsewhere in full, and the verdict', () => {
  const end = (directory: string) =>
    renderVerdict(verdict, { color: false, width: 120, directory }).split('\n').slice(-2);
  expect(end('reports/x')).toEqual(['Report  reports/x/report.html', '? INVALID  spike on local']);
  expect(end('/somewhere/else')[0]).toBe('Report  /somewhere/else/report.html');
});

it('gives a table that is too wide two lines a row, none of them broken', () => {
  const lines = renderVerdict(realisticRun('FAIL').judgement.verdict, { color: false, width: 80 }).split(
    '\n',
  );
  const at = lines.indexOf('  ✖ FAIL  projects.create.latency.p95 [fault:primary-lost]');
  expect(lines[at + 1]).toBe('    p95 < 500ms · 1.84 s · 3\u202f120 samples');
  expect(lines).toContain(
    '    downtime 6.26 s ± 5 ms · detected 3.38 s · recovered 6.29 s · failed 1\u202f377',
  );
});

it('claims nothing about writes that nobody looked up', () => {
  const writes = {
    ...verdict.writes,
    present: 0,
    lost: 0,
    result: 'INVALID',
    reason: 'they were never looked up',
  } as typeof verdict.writes;
  const text = renderVerdict({ ...verdict, writes }, { color: false, width: 120 });
  expect(text).toContain('? INVALID  8\u202f412 acknowledged; they were never looked up');
  expect(text).not.toMatch(/0 present|0 lost/);
});

it('claims nothing about duplicates that the look-up cannot see', () => {
  const writes = { ...verdict.writes, result: 'PASS', seesDuplicates: false } as typeof verdict.writes;
  const text = renderVerdict({ ...verdict, writes }, { color: false, width: 160 });
  expect(text).toContain('lost, duplicates not seen by this look-up');
});

it('prints the exact command for what was left behind, on a line of its own', () => {
  expect(renderVerdict(verdict, { color: false, width: 40 }).split('\n')).toContain('    kill -CONT 4712');
});
