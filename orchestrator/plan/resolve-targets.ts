import { faultKinds } from '../../chaos/faults/index.ts';
import { checkLimits, type Refusal } from '../../chaos/limits.ts';
import {
  type FaultRequest,
  type ProbeReading,
  type ProbeRequest,
  type Provider,
  ProviderError,
} from '../../chaos/provider.ts';
import type { ComponentProbe } from '../../chaos/schema/drill.ts';
import type { DrillPlan, ResolvedFault, ResolvedPlan } from '../plan.types.ts';
import { RefusalError } from '../refusal.ts';

export interface ResolveOptions {
  readonly plan: DrillPlan;
  readonly run: string;
  readonly providers: readonly Provider[];
  /** Faults that cannot be undone and were approved on the command line. */
  readonly approve: readonly string[];
}

/** Looks up what each fault would hit, and whether the probes can be answered, now. Reads only. @throws ProviderError, RefusalError */
export async function resolveTargets(options: ResolveOptions, signal: AbortSignal): Promise<ResolvedPlan> {
  const { plan, run } = options;
  const { environment, drill } = plan;
  const faults: ResolvedFault[] = [];
  for (const fault of drill.faults) {
    const component = componentOf(fault.component);
    const provider = providerOf(component.provider);
    const request: FaultRequest = { run, fault, componentName: fault.component, component, environment };
    const resolution = await provider.resolve(request, signal);
    faults.push({ request, provider, lasting: faultKinds[fault.kind].lasting, resolution });
  }
  const resolutions = Object.fromEntries(
    faults.map(({ request, resolution }) => [request.fault.name, resolution]),
  );
  refuseBeyondLimits(() => true);
  await refuseUnanswerable();
  return {
    loads: plan.loads,
    objectives: plan.objectives,
    faults,
    providers: options.providers.filter(({ name }) =>
      Object.values(environment.components).some(({ provider }) => provider === name),
    ),
    allow(request, resolution) {
      resolutions[request.fault.name] = resolution;
      refuseBeyondLimits(({ fault }) => fault === request.fault.name);
    },
    ask,
  };

  async function ask(
    probe: ComponentProbe,
    askSignal: AbortSignal,
    since?: number,
    leave?: ProbeRequest['leave'],
  ): Promise<ProbeReading> {
    const component = componentOf(probe.component);
    const provider = providerOf(component.provider);
    if (!provider.probe)
      throw new RefusalError(
        `probe ${probe.name} of component ${probe.component}: provider ${provider.name} answers no probes of kind ${probe.kind}. Fix: use a probe of kind http or alert`,
      );
    return await provider.probe(
      { run, probe, component, environment, ...(since !== undefined && { since }), ...(leave && { leave }) },
      askSignal,
    );
  }

  /** Otherwise only the end of the drill would show that nobody can answer a probe. */
  async function refuseUnanswerable(): Promise<void> {
    for (const probe of drill.probes) {
      if (!('component' in probe)) continue;
      await ask(probe, signal).catch((error: unknown) => {
        if (!(error instanceof ProviderError)) throw error;
        const { fix } = error;
        const component = `component ${probe.component}: `;
        // The local provider begins with it already.
        const why = error.message.replace(component, '');
        throw new ProviderError(`probe ${probe.name} of ${component}${why}`, {
          cause: error,
          ...(fix === undefined ? {} : { fix }),
        });
      });
    }
  }

  function refuseBeyondLimits(concerns: (refusal: Refusal) => boolean): void {
    const refusals = checkLimits({ environment, drill, resolutions, approve: options.approve }).filter(
      concerns,
    );
    if (refusals.length === 0) return;
    throw new RefusalError(
      refusals
        .map(({ fault, rule, fix }) => `${fault === undefined ? '' : `fault ${fault}: `}${rule}. Fix: ${fix}`)
        .join('\n'),
    );
  }

  function componentOf(name: string) {
    const component = Object.hasOwn(environment.components, name) ? environment.components[name] : undefined;
    if (!component) throw new RefusalError(`environment ${environment.name} has no component ${name}`);
    return component;
  }

  function providerOf(name: string): Provider {
    const provider = options.providers.find((one) => one.name === name);
    if (!provider) throw new RefusalError(`no provider named ${name}`);
    return provider;
  }
}
