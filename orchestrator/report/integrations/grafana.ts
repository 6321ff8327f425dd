import type { Integration } from './integration.ts';
import { jsonDelivery, under } from './integration.ts';
import { faultTitle, summary, title } from './words.ts';

/**
 * Annotations by `POST /api/annotations`: regions (`time` to `timeEnd`, epoch milliseconds) with tags. One for the run, one for each
 * fault that was in, and one for each alert-free gap between a fault and its recovery, so that a dashboard shows what happened when.
 * https://grafana.com/docs/grafana/latest/developers/http_api/annotations/
 */
export const grafana: Integration<'grafana'> = {
  name: 'grafana',
  deliveries({ url, token, dashboard, tags }, { verdict, link }) {
    const common = ['squall', `drill:${verdict.drill}`, `environment:${verdict.environment}`, ...tags];
    const where = dashboard === undefined ? {} : { dashboardUID: dashboard };
    const regions = [
      {
        time: Date.parse(verdict.startedAt),
        timeEnd: Date.parse(verdict.endedAt),
        tags: [...common, 'run', verdict.verdict],
        text: `${title(verdict)}\n${summary(verdict)}\n${link ?? verdict.run}`,
      },
      ...verdict.faults.flatMap((fault) => {
        if (fault.injectedAt === null) return [];
        const end = fault.removedAt ?? fault.recoveredAt ?? fault.injectedAt;
        const recovered = fault.recoveredAt;
        const region = {
          time: Date.parse(fault.injectedAt),
          timeEnd: Date.parse(end),
          tags: [...common, 'fault', fault.kind, `component:${fault.component}`, fault.result],
          text: faultTitle(fault),
        };
        if (recovered === null || Date.parse(recovered) <= region.timeEnd) return [region];
        return [
          region,
          {
            time: region.timeEnd,
            timeEnd: Date.parse(recovered),
            tags: [...common, 'recovery', `component:${fault.component}`, fault.result],
            text: `recovering from ${fault.name}`,
          },
        ];
      }),
    ];
    return regions.map((region) =>
      jsonDelivery(
        under(url, '/api/annotations'),
        { ...where, ...region },
        { authorization: `Bearer ${token}` },
      ),
    );
  },
};
