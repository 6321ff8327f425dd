import path from 'node:path';
import type { Environment } from '../chaos/schema/environment.ts';
import { entryPoint } from '../orchestrator/package.ts';
import { resolveTargets } from '../orchestrator/plan/resolve-targets.ts';
import type { DrillPlan } from '../orchestrator/plan.types.ts';
import { createProgress } from '../orchestrator/progress/progress.ts';
import { toldText } from '../orchestrator/report/integrations/told.ts';
import { type DrillResult, runDrill } from '../orchestrator/run/run-drill.ts';
import type { K6 } from '../orchestrator/tools/find-k6.ts';
import { type PageFlags, pageOfDrill } from './live-page.ts';
import { everyProvider } from './providers.ts';

export interface OneDrill {
  readonly run: string;
  readonly directory: string;
  readonly plan: DrillPlan;
  readonly environmentFile: string;
  readonly k6: K6;
  readonly approve: readonly string[];
  /** On top of those of the plan. */
  readonly notes: readonly string[];
  readonly page: PageFlags;
  /** Called when a load has started: a run that is refused before that leaves no directory. */
  readonly started?: () => void;
  /** Where progress goes. */
  readonly stdout: NodeJS.WriteStream;
}

/** A planned drill with everything that shows it while it runs. @throws like runDrill, and when the live page cannot be opened */
export async function runOneDrill(one: OneDrill): Promise<DrillResult> {
  const { run, directory, plan, stdout } = one;
  const shown = { faults: plan.drill.faults, ...durationOf(plan.loads) };
  const page = await pageOfDrill(one.page, { run, directory, ...shown });
  const progress = createProgress({
    stdout,
    isTTY: stdout.isTTY === true,
    ci: Boolean(process.env.CI),
    ...shown,
  });
  const providers = everyProvider();
  try {
    const result = await runDrill({
      run,
      directory,
      ...plan,
      notes: [...plan.notes, ...one.notes],
      environmentFile: one.environmentFile,
      k6: one.k6,
      cwd: process.cwd(),
      guardianEntry: entryPoint('scripts/guardian'),
      undoing: providers,
      openFirst: providers.filter(({ name, opensFirst }) => opensFirst && isUsed(plan.environment, name)),
      resolve: (signal) => resolveTargets({ plan, run, providers, approve: one.approve }, signal),
      progress: {
        event(event) {
          if (event.type === 'load-started') one.started?.();
          progress.event(event);
          page.event(event);
        },
        tick(tick, load) {
          progress.tick(tick);
          page.tick(tick, load);
        },
      },
      stop: page.stop,
      dashboardPort: page.dashboardPort,
    });
    progress.end();
    await page.end(result, path.join(directory, 'report.html'));
    for (const told of result.told)
      if (told.problem !== null) process.stderr.write(`squall: ${toldText(told)}\n`);
    return result;
  } catch (error) {
    progress.end();
    await page.end(error as Error, '');
    throw error;
  }
}

function isUsed({ components }: Environment, provider: string): boolean {
  return Object.values(components).some((component) => component.provider === provider);
}

function durationOf(loads: readonly { durationMs: number | null }[]): { durationMs?: number } {
  const durations = loads.map(({ durationMs }) => durationMs);
  return durations.includes(null) ? {} : { durationMs: Math.max(...durations.map(Number)) };
}
