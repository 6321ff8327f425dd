import type { Command } from 'commander';
import { validateFiles } from '../../chaos/definitions/validate-files.ts';
import { loadObjectiveFile, loadObjectiveSet } from '../../orchestrator/plan/objective-sets.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { print } from '../print.ts';

export function addValidate(root: Command): void {
  root
    .command('validate')
    .argument(
      '<files...>',
      'drills, environments, suites, registers, requests, game days, and sets of objectives',
    )
    .description('check drills, environments, and the drills against the environments given with them')
    .option('--json', 'machine-readable output')
    .addHelpText(
      'after',
      examples(
        ['One drill by itself.', 'squall validate chaos/drills/spike.yaml'],
        [
          'Do these drills fit this environment? Components, kinds, secrets.',
          'squall validate chaos/environments/local.yaml chaos/drills/spike.yaml chaos/drills/gateway-kill.yaml',
        ],
        [
          'Exit 64 in a pipeline, with file, line and column.',
          'squall validate --json chaos/drills/spike.yaml',
        ],
      ),
    )
    .action(async (files: string[], options: { json?: boolean }) => {
      const { ok, output, json } = await validateFiles(files, process.cwd(), {
        load: loadObjectiveSet,
        loadFile: loadObjectiveFile,
      });
      print(options.json ? JSON.stringify(json, null, 2) : output);
      if (!ok) process.exitCode = exitCodes.usage;
    });
}
