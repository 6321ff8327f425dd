import type { Integration } from './integration.ts';
import { under } from './integration.ts';

/**
 * The HTTP Event Collector: events one after the other in one body, each with its time in seconds.
 * https://docs.splunk.com/Documentation/Splunk/latest/Data/FormateventsforHTTPEventCollector
 */
export const splunk: Integration<'splunk'> = {
  name: 'splunk',
  deliveries({ url, token, index }, { verdict, link, squall }) {
    const { run, drill, environment } = verdict;
    const event = (time: string, sourcetype: string, what: object) =>
      JSON.stringify({
        time: Date.parse(time) / 1000,
        source: 'squall',
        sourcetype,
        ...(index === undefined ? {} : { index }),
        event: { run, drill, environment, ...what },
      });
    const { faults, objectives, startedAt, endedAt, reasons } = verdict;
    const events = [
      event(endedAt, 'squall:run', { verdict: verdict.verdict, reasons, startedAt, endedAt, link, squall }),
      ...objectives.map(({ name, phase, target, measured, samples, result }) =>
        event(endedAt, 'squall:objective', { name, phase, target, measured, samples, result }),
      ),
      ...faults.map(
        ({ name, kind, component, injectedAt, removedAt, recoveredAt, downtimeMs, failedRequests, result }) =>
          event(injectedAt ?? endedAt, 'squall:fault', {
            ...{
              name,
              kind,
              component,
              injectedAt,
              removedAt,
              recoveredAt,
              downtimeMs,
              failedRequests,
              result,
            },
          }),
      ),
    ];
    return [
      {
        url: under(url, '/services/collector/event'),
        headers: { 'content-type': 'application/json', authorization: `Splunk ${token}` },
        body: events.join('\n'),
      },
    ];
  },
};
