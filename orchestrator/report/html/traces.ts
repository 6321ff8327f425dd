import type { FailedTrace, Verdict } from '../../verdict.types.ts';
import type { RunFacts } from '../facts.ts';
import { count } from '../text/format.ts';
import { moment, section } from './sections.ts';
import { table } from './table.ts';
import { type Html, html } from './template.ts';

/** Failed requests that were sent with a `traceparent`, and where their traces are; nothing without any. */
export function tracesSection({ traces }: Verdict, facts: RunFacts): Html | null {
  if (traces === undefined) return null;
  return section(
    'traces',
    'Traces of failed requests',
    'The first of each request and way to fail.',
    html`${table<FailedTrace>(
      'Traces of failed requests',
      [
        { label: 'Request', cell: ({ request }) => request },
        { label: 'At', numeric: true, cell: ({ at }) => moment(at, facts) },
        { label: 'Failure', cell: ({ failure }) => failure },
        { label: 'Trace', cell: traceCell },
      ],
      traces.listed,
    )}<p class="empty">${count(traces.listed.length)} of ${count(traces.failed)} failed requests with a trace.</p>`,
  );
}

/** The page itself loads nothing: it is a person who follows the link. */
function traceCell({ traceId, url }: FailedTrace): Html {
  return url === null || !/^https?:/i.test(url)
    ? html`<code>${traceId}</code>`
    : html`<a href="${url}" rel="noreferrer"><code>${traceId}</code></a>`;
}
