import { expect, test } from 'vitest';
import { runFacts } from './facts.ts';
import { realisticRun } from './fixtures/realistic.ts';
import { renderHtml } from './html.ts';
import { renderMarkdown } from './markdown.ts';
import { renderVerdict } from './terminal.ts';

const { judgement, run } = realisticRun('PASS');
const promise = {
  id: 'rds.failover, on-rds',
  bound: 'within 2min',
  owner: 'data',
  reason: 'needs an AWS account',
};
const withPromise = { ...judgement, verdict: { ...judgement.verdict, unmeasured: [promise] } };

test('what a drill does not measure is listed with its reason, folded; in a terminal it is one line', () => {
  const markdown = renderMarkdown(withPromise, runFacts(run));
  expect(markdown).toContain('## Promises that this drill does not measure\n\n<details>');
  expect(markdown).toContain('| `rds.failover, on-rds` | within 2min | data | needs an AWS account |');
  const page = renderHtml(withPromise, runFacts(run), null);
  expect(page).toMatch(/<section id="unmeasured"[\s\S]*<details><summary>1 of its systems/);
  expect(page).toContain('needs an AWS account');
  expect(page).toContain('<a href="#unmeasured">');
  const lines = renderVerdict(withPromise.verdict, { color: false, width: 120 }).split('\n');
  expect(lines.filter((line) => line.includes('does not measure'))).toEqual([
    '1 promise of its systems this drill does not measure: see the report',
  ]);
});

test('without a register nothing is said', () => {
  expect(renderMarkdown(judgement, runFacts(run))).not.toContain('does not measure');
  expect(renderHtml(judgement, runFacts(run), null)).not.toContain('unmeasured');
  expect(renderVerdict(judgement.verdict, { color: false, width: 120 })).not.toContain('does not measure');
});
