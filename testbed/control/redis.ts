import { isRunning, isStarting, startProcess } from '../lib/process.ts';
import { port } from '../lib/testbed.ts';
import { currentMaster, ping, replication } from '../redis/ask.ts';
import { redisNames, sentinelNames } from '../redis/names.ts';
import { prepareRedis, type RedisName, sentinelProgram } from '../redis/nodes.ts';
import type { Control } from './context.ts';

const component = 'sessions';
const failuresToAlert = 2;
/** How long Sentinel has to promote the replica before a dead master is restarted in place. */
const sentinelPatienceMs = 15_000;

/**
 * Sentinel fails over; this brings dead nodes back. A dead master is not started before Sentinel has named another one: back at once,
 * and still the master, it would be older than its replica. A dead replica starts as a replica of the current master.
 */
export function watchRedis(control: Control): () => Promise<void> {
  const { testbed, incidents } = control;
  const failures = new Map<string, number>();
  const wasWell = new Set<string>();
  const deadSince = new Map<string, number>();
  let lastMaster: RedisName | undefined;

  return async () => {
    const master = await currentMaster(testbed);
    if (master !== undefined && lastMaster !== undefined && master !== lastMaster) {
      const summary = `${master} took over from ${lastMaster}`;
      incidents.fire('sessions:failover', {
        alertname: 'Failover',
        component,
        instance: master,
        severity: 'warning',
        summary,
      });
    }
    lastMaster = master ?? lastMaster;
    await Promise.all([
      ...redisNames.map((name) => watchNode(name, master)),
      ...sentinelNames.map((name) => watchSentinel(name)),
    ]);
    if (master !== undefined && (await replication(testbed, master).catch(() => undefined))?.replicas === 1) {
      incidents.resolve('sessions:failover');
    }
  };

  async function watchNode(name: RedisName, master: RedisName | undefined): Promise<void> {
    if (isRunning(testbed.dir, name)) {
      deadSince.delete(name);
      return watchReplies(name, async () => {
        const state = await replication(testbed, name);
        if (state.role === 'slave' && !state.linkUp) throw new Error('it has no link to its master');
      });
    }
    const correlationId = down(name);
    const since = deadSince.get(name) ?? performance.now();
    deadSince.set(name, since);
    const other = redisNames.find((node) => node !== name) as RedisName;
    const waitsForSentinel = master === undefined || master === name;
    if (waitsForSentinel && performance.now() - since < sentinelPatienceMs) return;
    const program = prepareRedis(testbed, name, waitsForSentinel ? undefined : other);
    await control.retry({ action: 'restart', component, instance: name, correlationId }, () =>
      startProcess(testbed, program),
    );
  }

  async function watchSentinel(name: (typeof sentinelNames)[number]): Promise<void> {
    if (isRunning(testbed.dir, name)) return watchReplies(name, () => ping(port(testbed, name)));
    const correlationId = down(name);
    await control.retry({ action: 'restart', component, instance: name, correlationId }, () =>
      startProcess(testbed, sentinelProgram(testbed, name)),
    );
  }

  async function watchReplies(
    name: (typeof redisNames)[number] | (typeof sentinelNames)[number],
    check: () => Promise<void>,
  ) {
    try {
      await check();
      failures.delete(name);
      wasWell.add(name);
      incidents.resolve(`${name}:down`);
      incidents.resolve(`${name}:silent`);
      control.well(name);
    } catch (error) {
      if (!wasWell.has(name) && isStarting(testbed.dir, name)) return;
      const count = (failures.get(name) ?? 0) + 1;
      failures.set(name, count);
      if (count < failuresToAlert) return;
      const summary = `${name}: ${count} checks in a row failed: ${(error as Error).message}`;
      incidents.fire(`${name}:silent`, {
        alertname: 'Unresponsive',
        component,
        instance: name,
        severity: 'warning',
        summary,
      });
    }
  }

  function down(name: string): string {
    failures.delete(name);
    wasWell.delete(name);
    const summary = `${name}: the process is gone`;
    return incidents.fire(`${name}:down`, {
      alertname: 'ProcessDown',
      component,
      instance: name,
      severity: 'critical',
      summary,
    });
  }
}
