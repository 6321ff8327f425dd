import { expect, it } from 'vitest';
import type { FailedTrace } from '../verdict.types.ts';
import { runFacts } from './facts.ts';
import { firstSeconds, realisticRun } from './fixtures/realistic.ts';
import { renderHtml } from './html.ts';
import { renderMarkdown } from './markdown.ts';

const { judgement, run } = firstSeconds(realisticRun('FAIL'), 20);
const facts = runFacts(run);
const traceId = '0af7651916cd43dd8448eb211c80319c';
const failed = (more: Partial<FailedTrace> = {}): FailedTrace => ({
  at: new Date(facts.zeroMs + 61_500).toISOString(),
  request: 'GET /a',
  failure: 'HTTP 503',
  traceId,
  url: `https://traces.test/t/${traceId}`,
  ...more,
});
const withTraces = (listed: readonly FailedTrace[]) => ({
  ...judgement,
  verdict: { ...judgement.verdict, traces: { failed: 1_234, listed } },
});

it('links each failed request to its trace, and says how many there are', () => {
  const one = withTraces([failed()]);
  const page = renderHtml(one, facts, null);
  expect(page).toContain(
    `<a href="https://traces.test/t/${traceId}" rel="noreferrer"><code>${traceId}</code></a>`,
  );
  expect(page).toMatch(/1 of 1.234 failed requests with a trace/);
  expect(page).toContain('href="#traces"');
  const text = renderMarkdown(one, facts);
  expect(text).toContain(`[\`${traceId}\`](<https://traces.test/t/${traceId}>)`);
  expect(text).toContain('1:01.5');
});

it('has the id alone where nobody says where it is, and no link to anything but a web page', () => {
  for (const url of [null, 'javascript:alert(1)']) {
    const page = renderHtml(withTraces([failed({ url })]), facts, null);
    expect(page).toContain(`<code>${traceId}</code>`);
    expect(page).not.toContain('rel="noreferrer"');
  }
});

it('has no such part in a run without traces', () => {
  for (const text of [renderHtml(judgement, facts, null), renderMarkdown(judgement, facts)])
    expect(text).not.toContain('Traces of failed requests');
});
