import { type Command, Option } from 'commander';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
import { testbed } from '../../orchestrator/testbed.ts';
import { exitCodes } from '../exit.ts';
import { print } from '../print.ts';

export function addTestbed(root: Command): void {
  const command = root
    .command('testbed')
    .description('start, stop or look at the target that an environment describes');
  for (const action of ['up', 'down', 'status'] as const) {
    command
      .command(action)
      .addOption(new Option('--env <env>', 'an environment').default('local'))
      .option('--json', 'machine-readable output')
      .action(async ({ env, json }: { env: string; json?: boolean }) => {
        const { value } = await loadEnvironment(env, process.cwd());
        if (!value.testbed)
          throw new RefusalError(
            `environment ${value.name} has no testbed: add testbed.up, .down and .status to it`,
          );
        const result = await testbed(value.testbed, action, process.cwd());
        print(json ? JSON.stringify({ action, ...result }) : result.output);
        // A testbed that is down is an answer to `status`, and a failure of `up` and `down`.
        if (!result.ok) process.exitCode = exitCodes.FAIL;
      });
  }
}
