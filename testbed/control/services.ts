import { serviceProgram } from '../edge/program.ts';
import { signal } from '../lib/identity.ts';
import { checkPage, type NodeService } from '../lib/inventory.ts';
import { isRunning, isStarting, readRecord, startProcess } from '../lib/process.ts';
import type { Control } from './context.ts';

const failuresToAlert = 2;
const failuresToRestart = 3;

/** Keeps our own services alive: a dead one is restarted; a silent one is reported, and restarted only if so configured. */
export function watchServices(
  control: Control,
  services: readonly NodeService[],
  isChanging: (instance: string) => boolean = () => false,
): () => Promise<void> {
  const failures = new Map<string, number>();
  /** It has answered since it was started. Until then it gets time. */
  const wasWell = new Set<string>();
  const { testbed, incidents } = control;

  async function watch(service: NodeService): Promise<void> {
    const { name, component } = service;
    if (isChanging(name)) return;
    const about = { component, instance: name };
    if (!isRunning(testbed.dir, name)) {
      const summary = `${name}: the process is gone`;
      const correlationId = incidents.fire(`${name}:down`, {
        alertname: 'ProcessDown',
        severity: 'warning',
        summary,
        ...about,
      });
      failures.delete(name);
      wasWell.delete(name);
      await control.retry({ action: 'restart', correlationId, ...about }, () =>
        startProcess(testbed, serviceProgram(testbed, service)),
      );
      return;
    }
    try {
      await checkPage(testbed, service, 'healthPath');
    } catch (error) {
      if (!wasWell.has(name) && isStarting(testbed.dir, name)) return;
      const count = (failures.get(name) ?? 0) + 1;
      failures.set(name, count);
      if (count >= failuresToAlert) await silent(service, count, (error as Error).message);
      return;
    }
    failures.delete(name);
    wasWell.add(name);
    incidents.resolve(`${name}:down`);
    incidents.resolve(`${name}:silent`);
    control.well(name);
  }

  async function silent({ name, component }: NodeService, count: number, reason: string): Promise<void> {
    const about = { component, instance: name };
    const correlationId = incidents.fire(`${name}:silent`, {
      alertname: 'Unresponsive',
      severity: 'warning',
      summary: `${name}: ${count} health checks in a row failed: ${reason}`,
      ...about,
    });
    if (!control.settings()['restart-frozen'] || count < failuresToRestart) return;
    await control.act({ action: 'kill', correlationId, ...about }, () => {
      const record = readRecord(testbed.dir, name);
      if (record !== undefined) signal(record, 'SIGKILL');
    });
  }

  return async () => {
    await Promise.all(services.map(watch));
  };
}
