import path from 'node:path';
import type { Command } from 'commander';
import { buildScenarios } from '../../orchestrator/tools/build.ts';
import { examples } from '../examples.ts';
import { print } from '../print.ts';

export function addBuild(root: Command): void {
  root
    .command('build')
    .description('bundle scenarios/*.ts into build/*.js for k6')
    .option('--json', 'machine-readable output')
    .addHelpText('after', examples(['After each change of scenarios/.', 'squall build']))
    .action(async (options: { json?: boolean }) => {
      const cwd = process.cwd();
      const built = await buildScenarios({ cwd });
      if (options.json) return print(JSON.stringify(built, null, 2));
      for (const { file, bytes } of built)
        print(`${path.relative(cwd, file)}  ${(bytes / 1024).toFixed(1)} kB`);
    });
}
