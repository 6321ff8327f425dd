import type { Provider, ProviderSession, UndoRecord } from '../../chaos/provider.ts';
import type { Environment } from '../../chaos/schema/environment.ts';
import type { ResolvedPlan } from '../plan.types.ts';
import type { OpenRun } from './open-run.ts';
import type { TimelineFault } from './timeline.ts';

/** By the name of the provider. */
export type Sessions = Map<string, ProviderSession>;

/** One session for each provider that the environment uses. The links it carries must be there even without a fault. */
export async function openSessions(
  providers: readonly Provider[],
  {
    environment,
    run,
    sessions,
  }: { readonly environment: Environment; readonly run: OpenRun; readonly sessions: Sessions },
): Promise<void> {
  for (const provider of providers) {
    if (sessions.has(provider.name)) continue;
    const components = Object.fromEntries(
      Object.entries(environment.components).filter(([, component]) => component.provider === provider.name),
    );
    const context = {
      run: run.active.run,
      environment,
      components,
      arm: run.ledger.arm,
      disarm: (record: UndoRecord) => run.ledger.disarm(record, 'closed'),
    };
    const session = await provider.open(context, run.stopper.signal);
    sessions.set(provider.name, session);
    run.cleanups.add(`provider ${provider.name}`, () => session.close());
  }
}

/** The faults of a plan, each with the session of its provider. */
export function faultsOf(plan: ResolvedPlan, run: OpenRun, sessions: Sessions): readonly TimelineFault[] {
  return plan.faults.map((planned) => {
    const session = sessions.get(planned.provider.name);
    if (!session) throw new Error(`no session for provider ${planned.provider.name}`);
    return { ...planned, request: { ...planned.request, run: run.active.run }, session };
  });
}
