import type { Judgement } from '../judge/types.ts';
import { chartAssets } from './browser-assets.ts';
import type { RunFacts } from './facts.ts';
import { renderHtml } from './html.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { verdictJson } from './verdict-json.ts';

/** One file of a run's report. */
export interface ReportFormat {
  readonly name: string;
  readonly file: string;
  render(judgement: Judgement, facts: RunFacts): string | Promise<string>;
}

/** In the order in which they are written. The verdict comes first: a report that cannot be drawn must not cost it. */
export const REPORT_FORMATS: readonly ReportFormat[] = [
  { name: 'json', file: 'verdict.json', render: ({ verdict }) => verdictJson(verdict) },
  { name: 'junit', file: 'junit.xml', render: ({ verdict }) => renderJunit(verdict) },
  { name: 'markdown', file: 'report.md', render: renderMarkdown },
  {
    name: 'html',
    file: 'report.html',
    render: async (judgement, facts) => renderHtml(judgement, facts, await chartAssets()),
  },
];
