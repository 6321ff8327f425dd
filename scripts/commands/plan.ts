import type { Command } from 'commander';
import { deadline } from '../../chaos/deadline.ts';
import type { Variables } from '../../chaos/definitions/read/variables.ts';
import { ProviderError } from '../../chaos/provider.ts';
import { isKeptAt } from '../../chaos/providers/local/link/kept/registry.ts';
import type { Environment } from '../../chaos/schema/environment.ts';
import { planDrill } from '../../orchestrator/plan/plan-drill.ts';
import { resolveTargets } from '../../orchestrator/plan/resolve-targets.ts';
import { planData, planText } from '../../orchestrator/report/plan-text.ts';
import { testbed } from '../../orchestrator/run/testbed.ts';
import { portsOf, unusablePorts } from '../../orchestrator/tools/unusable-ports.ts';
import { approveOption } from '../approve-option.ts';
import { examples } from '../examples.ts';
import { loadBoth, requireK6 } from '../inputs.ts';
import { print } from '../print.ts';
import { everyProvider } from '../providers.ts';
import { terminalLook } from '../terminal.ts';
import { varArguments, varOption } from '../var-option.ts';

interface PlanFlags {
  readonly env: string;
  readonly var: Variables;
  readonly approve: string[];
  readonly json?: boolean;
}

export function addPlan(root: Command): void {
  root
    .command('plan')
    .argument('<drill>', 'a drill file')
    .description('dry run: the exact targets and the timeline; reads only')
    .option('--env <env>', 'an environment: a name in chaos/environments/ or a path', 'local')
    .addOption(varOption())
    .addOption(approveOption())
    .option('--json', 'machine-readable output')
    .addHelpText(
      'after',
      examples(
        ['Which processes would be hit, and when?', 'squall plan chaos/drills/gateway-kill.yaml --env local'],
        ['The same at another rate.', 'squall plan chaos/drills/spike.yaml --env local --var RATE=100'],
      ),
    )
    .action(async (file: string, flags: PlanFlags) => {
      const { drill, environment } = await loadBoth(file, flags.env, flags.var);
      const plan = await planDrill({
        drill,
        environment,
        k6: await requireK6(),
        cwd: process.cwd(),
        env: process.env,
      });
      const options = { plan, run: 'plan', providers: everyProvider(), approve: flags.approve };
      const resolved = await resolveTargets(options, deadline(30_000)).catch(async (error: unknown) => {
        throw await orDown(error, environment.value, flags.env);
      });
      const data = planData(plan, resolved);
      const listening = portsOf(environment.value, { targets: false }).filter((one) => !isKeptAt(one));
      const unusable = (await unusablePorts(listening)).map(
        ({ address, kind, why, fix }) =>
          `${address} ${kind === 'taken' ? 'is in use' : `cannot be used (${why})`}, and a drill has to listen there: it would be refused. Fix: ${fix}`,
      );
      const notes = [...plan.notes, ...unusable];
      print(
        flags.json
          ? JSON.stringify({ ...data, notes }, null, 2)
          : [
              planText(data, terminalLook().width),
              ...notes.map((note) => `Note: ${note}`),
              `Run it: squall drill ${file} --env ${flags.env}${varArguments(flags.var)}`,
            ].join('\n\n'),
      );
    });
}

/** If the target is down, none of its components can be found: the message says how to start it, not which one was missed first. */
async function orDown(error: unknown, environment: Environment, env: string): Promise<unknown> {
  if (!(error instanceof ProviderError) || environment.testbed === undefined) return error;
  if ((await testbed(environment.testbed, 'status', process.cwd())).ok) return error;
  return new ProviderError(`the target is down: ${error.message}`, {
    cause: error,
    fix: `squall testbed up --env ${env} (a drill starts it by itself)`,
  });
}
