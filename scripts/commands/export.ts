import { type Command, Option } from 'commander';
import { RefusalError } from '../../orchestrator/refusal.ts';
import { examples } from '../examples.ts';
import { loadBoth } from '../inputs.ts';
import { print } from '../print.ts';
import { everyProvider } from '../providers.ts';

export function addExport(root: Command): void {
  const formats = everyProvider().filter(({ exportDrill }) => exportDrill);
  root
    .command('export')
    .argument('<drill>', 'a drill file')
    .description("print a drill in a provider's own format, for GitOps")
    .addOption(
      new Option('--as <provider>', 'the format')
        .choices(formats.map(({ name }) => name))
        .makeOptionMandatory(),
    )
    .option('--env <env>', 'an environment: a name in chaos/environments/ or a path', 'kubernetes')
    .addHelpText(
      'after',
      examples([
        'A Chaos Mesh Workflow for a repository that a cluster follows.',
        'squall export chaos/drills/gateway-kill.yaml --as chaos-mesh --env kubernetes',
      ]),
    )
    .action(async (file: string, flags: { as: string; env: string }) => {
      const { drill, environment } = await loadBoth(file, flags.env);
      const provider = formats.find(({ name }) => name === flags.as);
      if (!provider?.exportDrill) throw new RefusalError(`no format named ${flags.as}`);
      print(provider.exportDrill({ drill: drill.value, environment: environment.value }));
    });
}
