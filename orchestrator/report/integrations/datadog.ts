import type { Outcome } from '../../verdict.types.ts';
import { type Integration, jsonDelivery, under } from './integration.ts';
import { cut, faultTitle, summary, title } from './words.ts';

const ALERT_TYPE: Readonly<Record<Outcome, string>> = { PASS: 'success', FAIL: 'error', INVALID: 'warning' };

/**
 * Events by `POST /api/v1/events`: one for the run, one for each fault that was in, at its time. Titles have at most 100
 * characters, texts 4,000; events older than 18 hours are refused, which no run is.
 * https://docs.datadoghq.com/api/latest/events/
 */
export const datadog: Integration<'datadog'> = {
  name: 'datadog',
  deliveries({ site, url, apiKey, tags }, { verdict, link }) {
    const at = under(url ?? `https://api.${site}`, '/api/v1/events');
    const common = [
      `drill:${verdict.drill}`,
      `environment:${verdict.environment}`,
      `run:${verdict.run}`,
      ...tags,
    ];
    const event = (time: string, result: Outcome, name: string, text: string, more: readonly string[]) =>
      jsonDelivery(
        at,
        {
          title: cut(name, 100),
          text: cut(text, 4_000),
          date_happened: Math.floor(Date.parse(time) / 1000),
          alert_type: ALERT_TYPE[result],
          aggregation_key: cut(verdict.run, 100),
          source_type_name: 'squall',
          tags: [...common, ...more],
        },
        { 'dd-api-key': apiKey },
      );
    return [
      ...verdict.faults.flatMap((fault) =>
        fault.injectedAt === null
          ? []
          : [
              event(
                fault.injectedAt,
                fault.result,
                `${fault.kind} of ${fault.component}`,
                faultTitle(fault),
                [`fault:${fault.name}`, `component:${fault.component}`],
              ),
            ],
      ),
      event(verdict.endedAt, verdict.verdict, title(verdict), `${summary(verdict)}\n${link ?? verdict.run}`, [
        `verdict:${verdict.verdict.toLowerCase()}`,
      ]),
    ];
  },
};
