import { availableParallelism, hostname } from 'node:os';
import { type FaultRequest, ProviderError, type Resolution } from '../../provider.ts';
import { resolvePostgres } from './faults/failover-postgres.ts';
import { resolveRedis } from './faults/failover-redis.ts';
import { refuseOneWay } from './faults/partition.ts';
import { refuseTooMuchMemory } from './faults/stress.ts';
import { formOf, hitsParentOnly, type LocalComponent } from './local-request.ts';
import { selectProcesses } from './processes/find-processes.ts';

/** What the fault would hit, right now. Reads only. @throws ProviderError */
export async function resolveTargets(request: FaultRequest, signal: AbortSignal): Promise<Resolution> {
  signal.throwIfAborted();
  const { component } = formOf(request);
  const { fault, componentName } = request;
  switch (fault.kind) {
    case 'kill':
    case 'freeze':
      return selectProcesses({
        componentName,
        pidFiles: pidFilesOf(component),
        count: fault.params.count,
        onlyRunning: fault.kind === 'freeze',
        alone: hitsParentOnly(fault),
      });
    case 'partition':
      refuseOneWay(fault.params);
      return linkTarget(componentName, component);
    case 'latency':
      return linkTarget(componentName, component);
    case 'stress':
      refuseTooMuchMemory(fault.params);
      return machineOf(componentName, component);
    case 'failover':
      if (component.postgres) return resolvePostgres(componentName, component.postgres.nodes, signal);
      if (component.redis) return resolveRedis(componentName, component.redis, signal);
      break;
  }
  throw new ProviderError(`component ${componentName}: the local provider has no ${fault.kind}`);
}

export function pidFilesOf({ process: form }: LocalComponent): readonly string[] {
  return form?.pidFiles ?? (form?.pidFile === undefined ? [] : [form.pidFile]);
}

/** Burners compete with everything on the machine: that is what is hit. A component that does not run cannot be put under stress. */
function machineOf(componentName: string, component: LocalComponent): Resolution {
  const pidFiles = pidFilesOf(component);
  const { candidates } = selectProcesses({ componentName, pidFiles, count: 1, onlyRunning: true });
  const details = candidates.flatMap((one) => (one.details ?? []).map((detail) => `${one.label}: ${detail}`));
  const label = `the machine of ${componentName} (${availableParallelism()} CPUs)`;
  const target = { label, identity: { machine: hostname() }, healthy: true, details };
  return { candidates: [target], targets: [target], healthy: 1 };
}

function linkTarget(componentName: string, { link }: LocalComponent): Resolution {
  if (link === undefined) throw new ProviderError(`component ${componentName} is no link`);
  const { listen, upstream } = link;
  const label = `${componentName} (link ${listen} to ${upstream})`;
  const target = { label, identity: { component: componentName, listen, upstream }, healthy: true };
  return { candidates: [target], targets: [target], healthy: 1 };
}
