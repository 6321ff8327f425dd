import { type Integration, jsonDelivery } from './integration.ts';
import { cut, summary, title } from './words.ts';

/**
 * Events API v2: a run whose verdict is listed triggers an alert, a PASS resolves it. The key is the drill on its environment, so
 * that a drill that fails every night is one incident, not thirty. Summaries have at most 1,024 characters, keys 255.
 * https://developer.pagerduty.com/docs/events-api-v2-overview
 */
export const pagerduty: Integration<'pagerduty'> = {
  name: 'pagerduty',
  deliveries({ url, routingKey, on }, { verdict, link }) {
    const triggers = on.includes(verdict.verdict);
    if (!triggers && verdict.verdict !== 'PASS') return [];
    const key = cut(`squall/${verdict.environment}/${verdict.drill}`, 255);
    const event = { routing_key: routingKey, event_action: triggers ? 'trigger' : 'resolve', dedup_key: key };
    if (!triggers) return [jsonDelivery(url, event)];
    return [
      jsonDelivery(url, {
        ...event,
        client: 'squall',
        ...(link === undefined ? {} : { client_url: link, links: [{ href: link, text: 'report' }] }),
        payload: {
          summary: cut(title(verdict), 1_024),
          source: verdict.environment,
          severity: verdict.verdict === 'FAIL' ? 'error' : verdict.verdict === 'INVALID' ? 'warning' : 'info',
          timestamp: verdict.endedAt,
          component: verdict.drill,
          group: verdict.environment,
          class: 'squall drill',
          custom_details: { run: verdict.run, summary: cut(summary(verdict, 10), 8_000) },
        },
      }),
    ];
  },
};
