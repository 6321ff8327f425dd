import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'parse5';
import { SaxesParser } from 'saxes';
import { afterAll, expect, test } from 'vitest';
import type { GateResult } from '../gate.types.ts';
import { gateAnnotations, MOST_ANNOTATIONS } from './annotations.ts';
import { gateComment } from './comment.ts';
import { gateHtml } from './html.ts';
import { gateJunit } from './junit.ts';
import { gateMarkdown } from './markdown.ts';
import { gateOpenMetrics } from './open-metrics.ts';
import { writeGate } from './write-gate.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-gate-report-'));
afterAll(() => rmSync(directory, { recursive: true }));

const HOSTILE = '</td><script>alert(1)</script> | `x` ]]> "y" \u001b[31m';
const line = {
  name: 'gateway',
  request: HOSTILE,
  measure: 'p95',
  answer: 'regressed' as const,
  blocks: true,
  baseline: 10,
  candidate: 12,
  ratio: 1.2,
  low: 1.1,
  high: null,
  pairs: 25,
  p: 0.001,
  needs: null,
  reason: 'p95 is +20 %',
};
const result: GateResult = {
  schema: 1,
  suite: 'release',
  verdict: 'FAIL',
  reasons: [`comparison gateway: ${HOSTILE} has regressed`],
  seed: 7,
  checks: [
    { name: 'spike', verdict: 'PASS', blocks: true, run: 'spike', reasons: [] },
    { name: 'mix', verdict: 'FAIL', blocks: false, run: 'mix', reasons: ['p95 was 2 s'] },
  ],
  comparisons: [line, { ...line, measure: 'p99', answer: 'cannot tell', needs: { pairs: 40 } }],
  noise: { lateMs: 12, steal: null },
  residue: [],
};

test('the page runs nothing, and text from outside stays text', () => {
  const page = gateHtml(result);
  parse(page, { onParseError: (error) => expect(error).toBeNull() });
  expect(page).not.toContain('<script');
  expect(page).toContain('1.100 to no limit');
  expect(page).toContain('25 (needs 40)');
});

test('JUnit has a failure for what blocks, and skips what warns or could not be told', () => {
  const tags: string[] = [];
  const xml = gateJunit(result);
  const parser = new SaxesParser();
  parser.on('opentag', ({ name }) => tags.push(name));
  parser.write(xml).close();
  expect(tags.filter((tag) => tag === 'testcase')).toHaveLength(5);
  expect(tags.filter((tag) => tag === 'failure')).toHaveLength(2);
  expect(tags.filter((tag) => tag === 'skipped')).toHaveLength(2);
  const invalid = gateJunit({ ...result, verdict: 'INVALID', checks: [], comparisons: [] });
  expect(invalid).toContain('<error');
});

test('Markdown keeps its table whatever a request is called', () => {
  const rows = gateMarkdown(result)
    .split('\n')
    .filter((row) => row.startsWith('| gateway'));
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(10);
  expect(gateMarkdown(result)).not.toContain('<script');
});

test('a summary of the job that cannot be written costs nothing else', async () => {
  const own = mkdtempSync(path.join(directory, 'gate-'));
  const said: string[] = [];
  const env = { GITHUB_STEP_SUMMARY: path.join(own, 'no', 'such', 'file') };
  await writeGate(own, result, env, (text) => said.push(text));
  expect(said).toEqual([expect.stringContaining('the summary of the job was not written: ENOENT')]);
  expect(JSON.parse(readFileSync(path.join(own, 'gate.json'), 'utf8')).verdict).toBe('FAIL');
});

test('the line of a check has its note', () => {
  const [first, ...others] = result.checks as [GateResult['checks'][number]];
  const noted = { ...result, checks: [{ ...first, note: 'no thresholds' }, ...others] };
  expect(gateMarkdown(noted)).toMatch(/\| spike +\| PASS +\| yes +\| no thresholds \|/);
  expect(gateHtml(noted)).toContain('no thresholds');
  expect(gateMarkdown(result)).not.toContain('| note');
});

test('OpenMetrics escapes its labels and ends as it must', () => {
  const text = gateOpenMetrics(result);
  expect(text).toContain('squall_gate_passed{suite="release"} 0');
  expect(text).toContain('\\"y\\"');
  expect(text).toMatch(/measure="p99"\} NaN/);
  expect(text.endsWith('# EOF\n')).toBe(true);
});

test('all forms are written, and the summary of a GitHub job', async () => {
  const summary = path.join(directory, 'summary.md');
  await writeGate(directory, result, { GITHUB_STEP_SUMMARY: summary });
  expect(JSON.parse(readFileSync(path.join(directory, 'gate.json'), 'utf8'))).toEqual(result);
  expect(readFileSync(summary, 'utf8')).toBe(readFileSync(path.join(directory, 'report.md'), 'utf8'));
});

test('annotations are at most ten of a kind, end nowhere early, and begin no other command', () => {
  const lines = Array.from({ length: 25 }, (_, i) => ({
    ...line,
    request: `${HOSTILE}\n::error::${i} 100 %`,
  }));
  const annotations = gateAnnotations({ ...result, comparisons: lines });
  const errors = annotations.filter((one) => one.startsWith('::error'));
  expect(errors).toHaveLength(MOST_ANNOTATIONS);
  expect(errors.at(-1)).toContain("16 more are in the job's summary");
  expect(annotations.filter((one) => one.startsWith('::warning'))).toEqual([
    '::warning title=FAIL%3A check mix::p95 was 2 s',
  ]);
  for (const one of annotations) {
    expect(one).toBe(one.replace(/\p{Cc}/gu, ''));
    expect(one).not.toMatch(/%(?!25|3A|2C)/);
  }
});

test('a gate that is not green is never without an error among its annotations', () => {
  const bare = {
    ...result,
    checks: [],
    comparisons: [],
    verdict: 'INVALID' as const,
    reasons: ['k6 crashed'],
  };
  expect(gateAnnotations(bare)).toEqual(['::error title=INVALID%3A gate release::k6 crashed']);
  expect(gateAnnotations({ ...bare, verdict: 'PASS' })).toEqual([]);
});

test('the comment is short, begins with its marker, and links to the job', () => {
  const lines = Array.from({ length: 40 }, () => line);
  const comment = gateComment(
    { ...result, comparisons: lines },
    { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'o/r', GITHUB_RUN_ID: '7' },
  );
  expect(comment.startsWith('<!-- squall-gate release -->\n')).toBe(true);
  expect(comment).toContain('[report](https://github.com/o/r/actions/runs/7)');
  expect(comment).toContain('1 of 2 checks passed · 40 regressed');
  expect(comment).toContain('30 more rows are in the report.');
  expect(comment).not.toContain('<script');
  expect(comment.length).toBeLessThan(5_000);
  for (const row of comment.split('\n').filter((one) => one.startsWith('|')))
    expect(row.match(/(?<!\\)\|/g)).toHaveLength(7);
  expect(gateComment(result, {})).not.toContain('[report]');
});
