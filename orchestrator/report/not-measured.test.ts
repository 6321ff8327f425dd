import { expect, it } from 'vitest';
import { runFacts } from './facts.ts';
import { realisticRun } from './fixtures/realistic.ts';
import { REPORT_FORMATS } from './formats.ts';
import { renderVerdict } from './terminal.ts';

/** A load that sent no HTTP request: the faults were in and out, and what they did to requests is not known. */
function unmeasured() {
  const { judgement, run } = realisticRun('INVALID');
  const faults = judgement.verdict.faults.map((fault) => ({
    ...fault,
    downtimeMs: null,
    outages: [],
    firstBadAt: null,
    recoveredAt: null,
    expectations: [],
    reason: 'no request was due: what it did to the users is not known',
  }));
  const none = { p50: null, p95: null, p99: null, requests: 0, errors: 0, dropped: 0 };
  const phases = judgement.verdict.phases.map((one) => ({ ...one, ...none }));
  const seconds = judgement.series.seconds.map(() => none);
  const series = { ...judgement.series, seconds, byName: {} };
  return { judgement: { verdict: { ...judgement.verdict, faults, phases }, series }, run };
}

it.each(REPORT_FORMATS.filter(({ name }) => name !== 'json'))(
  'shows what was not measured as that in $file, and not as 0',
  async ({ render }) => {
    const { judgement, run } = unmeasured();
    const text = await render(judgement, runFacts(run));
    const page = text.replace(/<(style|script)[^>]*>[\s\S]*?<\/\1>/g, '');
    expect(page).not.toMatch(/(?<![\d.])0 ms/);
    if (!page.includes('Longest downtime')) return;
    for (const figure of ['Longest downtime', 'Bad events', 'p95 [a-z ]*steady state'])
      expect(page).toMatch(new RegExp(`${figure}[\\s\\S]{0,40}not measured`));
  },
);

it('shows it so in a terminal', () => {
  const text = renderVerdict(unmeasured().judgement.verdict, { color: false, width: 120 });
  expect(text).toMatch(/gateway-killed .*not measured/);
  expect(text).not.toMatch(/(?<![\d.])0 ms/);
});
