import { z } from 'zod';
import { message } from '../fields/message.ts';
import { parseMetricSelector } from '../fields/metric-selector.ts';
import { positiveDurationMs } from '../fields/units.ts';
import { webUrl } from '../fields/web-url.ts';
import { probeKind } from './kind.ts';
import { boundsOf, boundsText, checkReadings, ofReadings, series, whatText } from './readings.ts';

export const metric = probeKind('metric', {
  schema: z
    .strictObject({
      ...ofReadings,
      kind: z.literal('metric'),
      url: webUrl('http://127.0.0.1:9050/metrics').describe(
        'a page of metrics; with `query`, a server that speaks the query API of Prometheus',
      ),
      metric: series.optional().describe('a series of the page, with its labels'),
      sum: z
        .boolean()
        .default(false)
        .describe('several series are added up; left out: exactly one is expected'),
      query: z.string().min(1).max(10_000).optional().describe('PromQL, with one number as its result'),
      equals: z.number().optional(),
      staleAfter: positiveDurationMs.prefault('1min').describe('an older sample counts as none'),
    })
    .superRefine(checkReadings)
    .refine(
      (probe) => (probe.metric === undefined) !== (probe.query === undefined),
      message('a metric is a series of a page, or a query', 'say either `metric:` or `query:`'),
    )
    .refine(
      ({ query, of }) => query === undefined || of === 'value',
      message(
        'a query says itself what it counts',
        'leave `of` out, and write increase() or rate() in the query',
      ),
    )
    .describe('a number that the target itself keeps: of its page of metrics, or by a PromQL query'),
  clock: 'injected',
  wanted: ({ of, metric: selector, query, ...probe }) =>
    `${whatText(of, selector ?? query ?? '')} ${boundsText(probe)}`,
  question: ({ url, metric: selector, sum, query, staleAfter, of, for: lasts, ...probe }) => ({
    of: 'readings',
    source:
      query === undefined
        ? { kind: 'page', url, selector: parseMetricSelector(selector ?? ''), sum, staleAfterMs: staleAfter }
        : { kind: 'promql', url, query, staleAfterMs: staleAfter },
    change: of,
    bounds: boundsOf(probe),
    lastsMs: lasts ?? null,
  }),
});
