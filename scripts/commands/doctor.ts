import type { Command } from 'commander';
import { doctor, renderDoctor } from '../../orchestrator/tools/doctor.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { print } from '../print.ts';

export function addDoctor(root: Command): void {
  root
    .command('doctor')
    .description('what is installed, what is missing, how to get it')
    .option('--json', 'machine-readable output')
    .addHelpText(
      'after',
      examples(
        ['Everything that a drill needs, and how to get what is missing.', 'squall doctor'],
        ['For a program.', 'squall doctor --json'],
      ),
    )
    .action(async (options: { json?: boolean }) => {
      const result = await doctor();
      print(options.json ? JSON.stringify(result, null, 2) : renderDoctor(result));
      if (!result.ok) process.exitCode = exitCodes.FAIL;
    });
}
