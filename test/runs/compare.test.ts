import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordedRun } from '../recorded-run.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-compare-'));
const at = (name: string) => path.join(directory, name);
beforeAll(() => {
  recordedRun('ctrl-c', at('a'));
  recordedRun('stop-condition', at('b'));
  recordedRun('stop-condition', at('changed'));
  const journal = at('changed/journal.jsonl');
  writeFileSync(journal, readFileSync(journal, 'utf8').replace('"local"', '"prod"'));
  recordedRun('stop-condition', at('torn'));
  appendFileSync(at('torn/journal.jsonl'), '{"seq":');
  recordedRun('stop-condition', at('empty'));
  writeFileSync(at('empty/journal.jsonl'), '');
  recordedRun('stop-condition', at('gate'));
  writeFileSync(at('gate/recipe.json.gz'), gzipSync('{}'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const squall = (...args: string[]) =>
  execa(process.execPath, ['dist/scripts/squall.js', ...args], { reject: false });

test('squall compare prints the differences, and writes a page and Markdown where it is told to', async () => {
  const { stdout, exitCode } = await squall('compare', at('a'), at('b'), '--out', at('out'));
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/steady: p95\s+301 ms\s+42 ms\s+-86 %/)]);
  expect(readFileSync(at('out/compare.html'), 'utf8')).toContain('class="line b"');
  expect(readFileSync(at('out/compare.md'), 'utf8')).toContain('| steady\\: p95 |');
}, 60_000);

test('squall compare --json prints the table and nothing else; a torn tail is not damage', async () => {
  const { stdout, exitCode } = await squall('compare', at('b'), at('torn'), '--json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 1, kind: 'drill', a: { verdict: 'INVALID' } });
}, 60_000);

test.each([
  [['a', 'nowhere'], 'no recorded run'],
  [['a', 'changed'], 'is damaged: line 1 was changed'],
  [['empty', 'a'], 'has no beginning'],
  [['a', 'gate'], 'give two of the same sort'],
  [['gate', 'gate'], 'does not fit'],
  [['a'], 'missing required argument'],
])(
  'squall compare %j is refused with 64, and writes nothing',
  async (runs, said) => {
    const { stdout, stderr, exitCode } = await squall('compare', ...runs.map(at), '--out', at('none'));
    expect([exitCode, stdout]).toEqual([64, '']);
    expect(stderr).toContain(said);
    expect(() => readFileSync(at('none/compare.html'))).toThrow('ENOENT');
  },
  60_000,
);

test('squall report --index writes the page over the runs of a directory', async () => {
  await squall('report', at('a'));
  const { stdout, exitCode } = await squall('report', '--index', directory);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('index.html  1 run')]);
  expect(readFileSync(at('index.html'), 'utf8')).toContain('href="./a/report.html"');
  for (const args of [
    ['report'],
    ['report', at('a'), '--index', directory],
    ['report', '--index', at('none')],
  ])
    expect((await squall(...args)).exitCode).toBe(64);
}, 60_000);

test('a place that cannot be written to is refused with 64, and says which', async () => {
  const inTheWay = at('a/journal.jsonl');
  const compared = await squall('compare', at('a'), at('b'), '--out', inTheWay);
  expect([compared.exitCode, compared.stdout]).toEqual([64, '']);
  expect(compared.stderr).toContain(`${inTheWay} cannot be written to`);
  mkdirSync(at('full/index.html/x'), { recursive: true });
  const indexed = await squall('report', '--index', at('full'));
  expect([indexed.exitCode, indexed.stderr]).toEqual([
    64,
    expect.stringContaining('index.html cannot be written'),
  ]);
}, 60_000);
