import { isWithinReplicas } from '../../probes/replicas.ts';
import { isStopped } from '../../process-identity.ts';
import { type ProbeReading, type ProbeRequest, ProviderError } from '../../provider.ts';
import { findersOf } from './component.ts';
import { findReplicas } from './processes/find-processes.ts';

/**
 * Counts the component's processes that run: one that is stopped is alive and serves nobody. As many are wanted as its environment names.
 * @throws ProviderError for a component that is no process, and for probes of another kind
 */
export async function readProbe(
  { probe, component }: ProbeRequest,
  signal: AbortSignal,
): Promise<ProbeReading> {
  const finders = component.provider === 'local' ? findersOf(component) : [];
  if (finders.length === 0 || (probe.kind !== 'replicas' && probe.kind !== 'ready-within')) {
    throw new ProviderError(
      `component ${probe.component}: a probe of kind ${probe.kind} is not answered here`,
      { fix: 'on this machine, ask `replicas` or `ready-within` of a process, or use a probe of kind http' },
    );
  }
  const { replicas } = await findReplicas(probe.component, finders, signal);
  const running = replicas.filter(({ process }) => !isStopped(process)).length;
  const ok = probe.kind === 'replicas' ? isWithinReplicas(probe, running) : running >= finders.length;
  return { ok, detail: `${running} of ${finders.length} processes run` };
}
