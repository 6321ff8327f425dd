import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { realisticRun } from './fixtures/realistic.ts';
import { REPORT_FORMATS } from './formats.ts';
import { writeReport } from './write-report.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'squall-report-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('writes one file for each format and nothing else, over those of an earlier judgement', async () => {
  const { judgement, run } = realisticRun('PASS');
  await writeFile(path.join(directory, 'verdict.json'), 'old');
  await writeReport(directory, judgement, run);
  expect((await readdir(directory)).sort()).toEqual(REPORT_FORMATS.map(({ file }) => file).sort());
  expect(JSON.parse(await readFile(path.join(directory, 'verdict.json'), 'utf8'))).toEqual(judgement.verdict);
  expect(await readFile(path.join(directory, 'report.html'), 'utf8')).toContain('id="live"');
});

it('renders the same run to the same bytes', async () => {
  const read = () =>
    Promise.all(REPORT_FORMATS.map(({ file }) => readFile(path.join(directory, file), 'utf8')));
  const { judgement, run } = realisticRun('FAIL');
  await writeReport(directory, judgement, run);
  const first = await read();
  await writeReport(directory, judgement, run);
  expect(await read()).toEqual(first);
});

it('leaves no temporary file behind when an artefact cannot be put in its place', async () => {
  const { judgement, run } = realisticRun('PASS');
  await mkdir(path.join(directory, 'report.md', 'in-the-way'), { recursive: true });
  await expect(writeReport(directory, judgement, run)).rejects.toThrow(/report\.md/);
  expect((await readdir(directory)).filter((name) => name.startsWith('.'))).toEqual([]);
  expect(await readdir(directory)).toContain('verdict.json');
});
