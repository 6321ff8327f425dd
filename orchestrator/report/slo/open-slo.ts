import { stringify } from 'yaml';
import type { CountedEvents } from '../../../chaos/schema/slo.ts';
import type { ExportedObjective } from './prometheus-rules.ts';
import { promqlDuration } from './promql-duration.ts';

/** OpenSLO v1: one document for each objective, with the queries of Prometheus as they stand (`$window` is their range). */
export function openSlo(objectives: readonly ExportedObjective[], service: string): string {
  return objectives.map((one) => stringify(documentOf(one, service), { lineWidth: 0 })).join('---\n');
}

function documentOf({ name, promised, events }: ExportedObjective, service: string): object {
  const own = kebab(name);
  return {
    apiVersion: 'openslo/v1',
    kind: 'SLO',
    metadata: { name: own, displayName: name },
    spec: {
      description: `Events that are ${promised.meaning}`,
      service: kebab(service),
      indicator: {
        metadata: { name: `${own}-events` },
        spec: {
          ratioMetric: {
            counter: false,
            ...(events.bad === undefined ? { good: source(events.good ?? '') } : { bad: source(events.bad) }),
            total: source(events.total),
          },
        },
      },
      timeWindow: [{ duration: promqlDuration(promised.windowMs), isRolling: true }],
      budgetingMethod: 'Occurrences',
      objectives: [{ displayName: name, target: promised.good }],
    },
  };
}

function source(query: CountedEvents['total']): object {
  return { metricSource: { type: 'Prometheus', spec: { query: query.trim() } } };
}

/** OpenSLO's names are those of Kubernetes (RFC 1123). */
function kebab(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 56) || 'slo'
  );
}
