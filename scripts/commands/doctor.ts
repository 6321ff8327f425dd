import type { Command } from 'commander';
import { isKeptAt } from '../../chaos/providers/local/link/kept/registry.ts';
import { doctor, renderDoctor } from '../../orchestrator/tools/doctor.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { print } from '../print.ts';

export function addDoctor(root: Command): void {
  root
    .command('doctor')
    .description('what is installed, what is missing, how to get it')
    .option('--env <env>', 'the environment to look at (default: local)')
    .option('--json', 'machine-readable output')
    .addHelpText(
      'after',
      examples(
        ['Everything that a drill needs, and how to get what is missing.', 'squall doctor'],
        ['Can a drill run on this environment? Its ports, its testbed.', 'squall doctor --env local'],
        ['For a program.', 'squall doctor --json'],
      ),
    )
    .action(async (options: { json?: boolean; env?: string }) => {
      const result = await doctor({ environment: options.env, isKept: isKeptAt });
      print(options.json ? JSON.stringify(result, null, 2) : renderDoctor(result));
      if (!result.ok) process.exitCode = exitCodes.FAIL;
    });
}
