import { loadDrill } from '../../chaos/definitions/load-drill.ts';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import type { FaultRequest, PreparedFault, Provider } from '../../chaos/provider.ts';
import { createLocalProvider } from '../../chaos/providers/local/provider.ts';
import type { JournalEvent } from '../../orchestrator/journal/events.ts';
import { entryPoint } from '../../orchestrator/package.ts';
import { planDrill } from '../../orchestrator/plan/plan-drill.ts';
import { resolveTargets } from '../../orchestrator/plan/resolve-targets.ts';
import { type DrillResult, runDrill } from '../../orchestrator/run/run-drill.ts';
import type { K6 } from '../../orchestrator/tools/find-k6.ts';
import type { DrillFiles } from './run-drill.ts';

let runs = 0;

/** Runs a drill in this process, with providers that the test chooses. The test sets XDG_STATE_HOME to a directory of its own. */
export async function runInProcess(
  files: DrillFiles,
  k6: K6,
  change: (provider: Provider) => Provider = (same) => same,
  onEvent: (event: JournalEvent) => void = () => {},
): Promise<DrillResult> {
  const drill = await loadDrill(files.drill);
  const environment = await loadEnvironment(files.environment, process.cwd());
  const plan = await planDrill({
    drill,
    environment,
    k6,
    cwd: process.cwd(),
    env: { ...process.env, ...files.env },
  });
  const providers = [change(createLocalProvider())];
  runs += 1;
  const run = `test-${process.pid}-${runs}`;
  return runDrill({
    ...plan,
    run,
    directory: `${files.out}-${runs}`,
    environmentFile: environment.file,
    k6,
    cwd: process.cwd(),
    guardianEntry: entryPoint('scripts/guardian'),
    undoing: providers,
    progress: { tick() {}, event: onEvent },
    resolve: (signal) => resolveTargets({ plan, run, providers, approve: [] }, signal),
  });
}

/** The same provider, with every injection replaced by nothing. What it observes is still real. */
export function withoutEffect(provider: Provider): Provider {
  return changeFaults(provider, (prepared) => ({ ...methodsOf(prepared), act: async () => {} }));
}

/** The same provider, with a change to each fault that it prepares. */
export function changeFaults(
  provider: Provider,
  change: (prepared: PreparedFault, request: FaultRequest) => PreparedFault,
): Provider {
  return {
    ...provider,
    async open(context, signal) {
      const session = await provider.open(context, signal);
      return {
        ...session,
        close: () => session.close(),
        prepare: async (request, targets, one) =>
          change(await session.prepare(request, targets, one), request),
      };
    },
  };
}

/** A prepared fault whose methods can be replaced one by one, whatever object it is. */
export function methodsOf(prepared: PreparedFault): PreparedFault {
  return {
    undo: prepared.undo,
    act: (signal) => prepared.act(signal),
    observe: (signal) => prepared.observe(signal),
    revert: (signal) => prepared.revert(signal),
    observeEnd: (signal) => prepared.observeEnd(signal),
  };
}
