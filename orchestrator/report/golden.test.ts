import { expect, it } from 'vitest';
import { runFacts } from './facts.ts';
import { firstSeconds, realisticRun } from './fixtures/realistic.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderVerdict } from './terminal.ts';

const outcomes = ['PASS', 'FAIL', 'INVALID'] as const;
const golden = (outcome: string, name: string) => `./fixtures/golden/${outcome.toLowerCase()}.${name}`;

it.each(outcomes)(
  'renders a run that ends in %s as Markdown, JUnit and terminal text as agreed',
  async (outcome) => {
    const { judgement, run } = realisticRun(outcome);
    await expect(renderMarkdown(judgement, runFacts(run))).toMatchFileSnapshot(golden(outcome, 'md'));
    await expect(renderJunit(judgement.verdict)).toMatchFileSnapshot(golden(outcome, 'junit.xml'));
    await expect(renderVerdict(judgement.verdict, { color: false, width: 120 })).toMatchFileSnapshot(
      golden(outcome, 'txt'),
    );
  },
);

it('renders a failed run as a page as agreed', async () => {
  const { judgement, run } = firstSeconds(realisticRun('FAIL'), 40);
  const page = renderHtml({ ...judgement, series: { ...judgement.series, byName: {} } }, runFacts(run), null);
  await expect(page.replace(/<style>.*<\/style>/s, '<style></style>')).toMatchFileSnapshot(
    golden('fail', 'html.txt'),
  );
});
