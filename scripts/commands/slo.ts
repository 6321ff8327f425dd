import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { resolveSecrets } from '../../chaos/definitions/secrets/resolve-secrets.ts';
import type { Slo } from '../../chaos/schema/slo.ts';
import { createHttpClient } from '../../orchestrator/observe/http-client.ts';
import { readBudgets } from '../../orchestrator/observe/read-budgets.ts';
import { importOpenSlo } from '../../orchestrator/plan/import-open-slo.ts';
import { type SloObjective, sloObjectives } from '../../orchestrator/plan/slo-objectives.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
import { budgetsTerminal } from '../../orchestrator/report/slo/budget-text.ts';
import { openSlo } from '../../orchestrator/report/slo/open-slo.ts';
import { prometheusRules } from '../../orchestrator/report/slo/prometheus-rules.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit.ts';
import { print } from '../print.ts';
import { terminalLook } from '../terminal.ts';

const ENV = 'an environment with `slo:`: a name in chaos/environments/ or a path';

export function addSlo(root: Command): void {
  const slo = root
    .command('slo')
    .description('objectives over weeks: error budgets, OpenSLO, Prometheus rules')
    .addHelpText(
      'after',
      examples(['How much of each error budget is spent?', 'squall slo budget --env production']),
    );
  slo
    .command('budget')
    .description('how much of each error budget is spent, as Prometheus counted')
    .requiredOption('--env <env>', ENV)
    .option('--json', 'machine-readable output')
    .addHelpText(
      'after',
      `\nExit code: 0 none is spent, 1 one is, 2 one is not known, 64 refused.\n${examples(['How much of each error budget is spent?', 'squall slo budget --env production'])}`,
    )
    .action(async (flags: { env: string; json?: boolean }) => {
      const { slo: settings, objectives, environment } = await objectivesOf(flags.env);
      const http = createHttpClient(environment.http);
      const budgets = await readBudgets(settings, objectives, http, Date.now()).finally(() => http.close());
      print(flags.json ? JSON.stringify(budgets, null, 2) : budgetsTerminal(budgets, terminalLook()));
      if (budgets.some(({ state }) => state?.freeze)) process.exitCode = exitCodes.FAIL;
      else if (budgets.some(({ state }) => state === null)) process.exitCode = exitCodes.INVALID;
    });
  slo
    .command('export')
    .description('print the objectives for another tool')
    .requiredOption('--env <env>', ENV)
    .addOption(
      new Option('--as <format>', 'OpenSLO v1, or a rule file for Prometheus')
        .choices(['openslo', 'prometheus'])
        .makeOptionMandatory(),
    )
    .addHelpText(
      'after',
      examples([
        'Rules that alert when a budget burns too fast.',
        'squall slo export --env production --as prometheus',
      ]),
    )
    .action(async (flags: { env: string; as: 'openslo' | 'prometheus' }) => {
      const { slo: settings, objectives, name } = await objectivesOf(flags.env);
      const render = flags.as === 'openslo' ? openSlo : prometheusRules;
      print(render(objectives, settings.service ?? name).trimEnd());
    });
  slo
    .command('import')
    .argument('<file>', 'an OpenSLO v1 file')
    .description('print its SLOs as `slo.objectives` of an environment')
    .addHelpText('after', examples(['Objectives that another tool has.', 'squall slo import slos.yaml']))
    .action((file: string) => {
      const { objectives, left } = importOpenSlo(textOf(file), file);
      for (const reason of left) process.stderr.write(`squall: not imported: ${reason}\n`);
      if (Object.keys(objectives).length === 0)
        throw new RefusalError(`${file} has no SLO that can be imported`);
      print(
        stringify({ slo: { prometheus: 'http://127.0.0.1:9090', objectives } }, { lineWidth: 0 }).trimEnd(),
      );
    });
}

async function objectivesOf(env: string): Promise<{
  readonly slo: Slo;
  readonly objectives: readonly SloObjective[];
  readonly environment: ReturnType<typeof resolveSecrets>['environment'];
  readonly name: string;
}> {
  const cwd = process.cwd();
  const loaded = await loadEnvironment(env, cwd);
  const { slo, name } = loaded.value;
  if (slo === undefined)
    throw new RefusalError(`the environment ${name} has no \`slo:\`, so nobody counts its events`, {
      fix: 'docs/gate.md shows how to name a Prometheus and its queries',
    });
  const { environment } = resolveSecrets(loaded.value, process.env, loaded);
  return { slo: environment.slo ?? slo, objectives: await sloObjectives(slo, cwd), environment, name };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new RefusalError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
