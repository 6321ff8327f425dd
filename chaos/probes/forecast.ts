import { z } from 'zod';
import { message } from '../fields/message.ts';
import { parseMetricSelector } from '../fields/metric-selector.ts';
import { fraction, positiveDurationMs } from '../fields/units.ts';
import { webUrl } from '../fields/web-url.ts';
import { probeKind, type ReadingSource } from './kind.ts';
import { ofReadings, series } from './readings.ts';

export const forecast = probeKind('forecast', {
  schema: z
    .strictObject({
      name: ofReadings.name,
      after: ofReadings.after,
      kind: z.literal('forecast'),
      url: webUrl('http://127.0.0.1:9050/metrics').describe('a page of metrics'),
      forecast: series.describe(
        'the series that says, during a window, what it will have come to at its end',
      ),
      actual: series.describe('the series that says what it has come to; it falls when a new window begins'),
      offAtMost: fraction
        .refine((share) => share < 1, message('can never be exceeded', 'write less than 100%'))
        .describe('how far apart the two may be, as a share of the larger one'),
      within: positiveDurationMs.describe('in this time a whole window has to have begun and ended'),
    })
    .describe('what was forecast in the middle of a window is what it came to'),
  clock: 'injected',
  wanted: ({ forecast: predicted, offAtMost }) =>
    `${predicted} off by <= ${Number((offAtMost * 100).toPrecision(12))} %`,
  question: ({ url, forecast: predicted, actual, offAtMost, within }) => ({
    of: 'forecast',
    forecast: onPage(url, predicted),
    actual: onPage(url, actual),
    offAtMost,
    withinMs: within,
  }),
});

function onPage(url: string, text: string): ReadingSource {
  return { kind: 'page', url, selector: parseMetricSelector(text), sum: false, staleAfterMs: 60_000 };
}
