import type { Command } from 'commander';
import { deadline } from '../../chaos/deadline.ts';
import { planDrill } from '../../orchestrator/plan.ts';
import { describePlan } from '../../orchestrator/report/plan-text.ts';
import { resolveTargets } from '../../orchestrator/resolve-targets.ts';
import { loadBoth, requireK6 } from '../inputs.ts';
import { print } from '../print.ts';
import { everyProvider } from '../providers.ts';

export function addPlan(root: Command): void {
  root
    .command('plan')
    .argument('<drill>', 'a drill file')
    .description('dry run: the exact targets and the timeline; reads only')
    .option('--env <env>', 'an environment: a name in chaos/environments/ or a path', 'local')
    .option('--approve <fault...>', 'faults that cannot be undone, by name (needed outside local)', [])
    .option('--json', 'machine-readable output')
    .action(async (file: string, flags: { env: string; approve: string[]; json?: boolean }) => {
      const { drill, environment } = await loadBoth(file, flags.env);
      const plan = await planDrill({
        drill,
        environment,
        k6: await requireK6(),
        cwd: process.cwd(),
        env: process.env,
      });
      const options = { plan, run: 'plan', providers: everyProvider(), approve: flags.approve };
      const resolved = await resolveTargets(options, deadline(30_000));
      print(
        flags.json
          ? JSON.stringify(describePlan(plan, resolved).data, null, 2)
          : describePlan(plan, resolved).text,
      );
    });
}
