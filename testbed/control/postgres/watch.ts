import type { Control } from '../context.ts';

export const component = 'projects-db';

/** What the rounds of the loop remember of the cluster. */
export interface PostgresWatch {
  readonly control: Control;
  rebuilding: boolean;
  primaryFailures: number;
  primaryStarting: boolean;
  standbyFailures: number;
  behindSince: number | undefined;
}

export const failuresToAlert = 2;

export function fire(
  { incidents }: Control,
  key: string,
  alertname: string,
  instance: string,
  severity: 'warning' | 'critical',
  summary: string,
): string {
  return incidents.fire(key, { alertname, component, instance, severity, summary });
}
