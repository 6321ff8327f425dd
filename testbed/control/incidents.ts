import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Settings } from '../lib/settings.ts';

export interface Incident {
  readonly alertname: string;
  readonly component: string;
  readonly instance: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly summary: string;
}

export interface OpenIncident extends Incident {
  readonly correlationId: string;
  readonly startsAt: string;
}

export interface Incidents {
  /** Opens an incident and sends its alert; an open one stays as it is. Returns its correlation id. */
  fire(key: string, incident: Incident): string;
  resolve(key: string): void;
  open(): readonly OpenIncident[];
  /** The correlation ids of the latest alerts. */
  sent(): readonly string[];
  close(): void;
}

type IncidentSettings = Pick<Settings, 'alerts-without-id' | 'log-without-ids'>;

const retryEveryMs = 1_000;
/** An alert that nobody accepts for this long is given up. */
const giveUpAfterMs = 60_000;
const maxQueued = 200;
const remembered = 50;

/** Incidents and their alerts: Alertmanager's webhook format, version 4, one alert a request. */
export function createIncidents(
  receiver: () => string,
  log: Logger,
  settings: () => IncidentSettings = () => ({ 'alerts-without-id': false, 'log-without-ids': false }),
): Incidents {
  const incidents = new Map<string, OpenIncident>();
  const queue: { body: string; until: number }[] = [];
  let sending = false;
  const ids: string[] = [];

  function enqueue(incident: OpenIncident, status: 'firing' | 'resolved'): void {
    if (queue.length >= maxQueued) queue.shift();
    const body = JSON.stringify(payload(incident, status, settings()['alerts-without-id']));
    queue.push({ body, until: performance.now() + giveUpAfterMs });
    void drain();
  }

  async function drain(): Promise<void> {
    if (sending) return;
    sending = true;
    // In order, because a receiver must not see an incident resolved before it has begun.
    while (queue.length > 0) {
      const next = queue[0] as { body: string; until: number };
      if (await deliver(receiver(), next.body)) queue.shift();
      else if (performance.now() > next.until) {
        log.warn('an alert was given up: nobody took it');
        queue.shift();
      } else await new Promise((resolve) => setTimeout(resolve, retryEveryMs).unref());
    }
    sending = false;
  }

  function logged({ correlationId, ...incident }: OpenIncident): object {
    return settings()['log-without-ids'] ? incident : { ...incident, correlationId };
  }

  return {
    fire(key, incident) {
      const known = incidents.get(key);
      if (known !== undefined) return known.correlationId;
      const opened = { ...incident, correlationId: randomUUID(), startsAt: new Date().toISOString() };
      incidents.set(key, opened);
      ids.push(opened.correlationId);
      if (ids.length > remembered) ids.shift();
      log.warn(logged(opened), 'incident');
      enqueue(opened, 'firing');
      return opened.correlationId;
    },
    resolve(key) {
      const incident = incidents.get(key);
      if (incident === undefined) return;
      incidents.delete(key);
      log.info(logged(incident), 'incident resolved');
      enqueue(incident, 'resolved');
    },
    open: () => [...incidents.values()],
    sent: () => ids,
    close: () => {
      queue.length = 0;
    },
  };
}

async function deliver(url: string, body: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(2_000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function payload(incident: OpenIncident, status: 'firing' | 'resolved', withoutId: boolean) {
  const { alertname, component, instance, severity, summary, correlationId, startsAt } = incident;
  const labels = {
    ...{ alertname, component, instance, severity },
    ...(withoutId ? {} : { correlation_id: correlationId }),
  };
  const annotations = { summary };
  return {
    version: '4',
    groupKey: `{}:{alertname="${alertname}",component="${component}"}`,
    truncatedAlerts: 0,
    status,
    receiver: 'squall',
    groupLabels: { alertname, component },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: '',
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt,
        endsAt: status === 'resolved' ? new Date().toISOString() : '0001-01-01T00:00:00Z',
        generatorURL: '',
        fingerprint: correlationId.replaceAll('-', '').slice(0, 16),
      },
    ],
  };
}
