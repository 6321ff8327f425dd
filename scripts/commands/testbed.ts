import type { Command } from 'commander';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
import { testbed } from '../../orchestrator/run/testbed.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { print } from '../print.ts';

export function addTestbed(root: Command): void {
  const command = root
    .command('testbed')
    .description('start, stop or look at the target that an environment describes')
    .addHelpText(
      'after',
      examples(
        ['The target of this repository.', 'squall testbed up'],
        ['Is it whole? Exit 0 only then.', 'squall testbed status --env local'],
      ),
    );
  for (const [action, description] of ACTIONS) {
    command
      .command(action)
      .description(description)
      .option('--env <env>', 'an environment: a name in chaos/environments/ or a path', 'local')
      .option('--json', 'machine-readable output')
      .addHelpText('after', examples([`${description}.`, `squall testbed ${action} --env local`]))
      .action(async ({ env, json }: { env: string; json?: boolean }) => {
        const { value } = await loadEnvironment(env, process.cwd());
        if (!value.testbed)
          throw new RefusalError(
            `environment ${value.name} has no testbed: add testbed.up, .down and .status to it`,
          );
        const result = await testbed(value.testbed, action, process.cwd());
        print(json ? JSON.stringify({ action, ...result }) : result.output);
        // For `status`, a testbed that is down is an answer; for `up` and `down` it is a failure.
        if (!result.ok) process.exitCode = exitCodes.FAIL;
      });
  }
}

const ACTIONS = [
  ['up', 'start it and wait until it is healthy'],
  ['down', 'end it'],
  ['status', 'exit with 0 only if everything is healthy'],
] as const;
