import { type Command, Option } from 'commander';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
import { testbed } from '../../orchestrator/run/testbed.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { print } from '../print.ts';

interface TestbedOptions extends UpOptions {
  readonly env: string;
  readonly json?: boolean;
}

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
    const one = command
      .command(action)
      .description(description)
      .option('--env <env>', 'an environment: a name in chaos/environments/ or a path', 'local')
      .option('--json', 'machine-readable output')
      .addHelpText('after', examples([`${description}.`, `squall testbed ${action} --env local`]))
      .action(async (options: TestbedOptions) => {
        const { value } = await loadEnvironment(options.env, process.cwd());
        if (!value.testbed)
          throw new RefusalError(
            `environment ${value.name} has no testbed: add testbed.up, .down and .status to it`,
          );
        const commands = { ...value.testbed, [action]: [...value.testbed[action], ...handedOn(options)] };
        const result = await testbed(commands, action, process.cwd());
        print(options.json ? JSON.stringify({ action, ...result }) : result.output);
        if (result.ok) return;
        // For `status`, a testbed that is down is an answer; for `up` and `down` it is a failure, and a setting that it refuses is a mistake.
        process.exitCode = result.exitCode === exitCodes.usage ? exitCodes.usage : exitCodes.FAIL;
      });
    if (action === 'up') addUpOptions(one);
  }
}

const ACTIONS = [
  ['up', 'start it and wait until it is healthy'],
  ['down', 'end it'],
  ['status', 'exit with 0 only if everything is healthy'],
] as const;

interface UpOptions {
  readonly set?: readonly string[];
  readonly secondStudio?: boolean;
  readonly objectStore?: boolean;
  readonly business?: boolean;
  readonly edge?: string;
}

/** What the testbed of this repository takes (testbed/main.ts), and refuses. Another one gets them, too, and has to know them. */
function addUpOptions(up: Command): void {
  up.option(
    '--set <name=value...>',
    'a setting or a sabotage switch, see testbed/README.md; handed to its command, as are the following',
  )
    .option('--second-studio', 'with a second studio cloud')
    .option('--object-store', 'with an object store')
    .option('--business', 'with the services for customers')
    .addOption(
      new Option('--edge <program>', 'what balances the load; HAProxy where there is one').choices([
        'haproxy',
        'node',
      ]),
    )
    .addHelpText(
      'after',
      `  # One that refuses what is over 500 requests a second at each gateway, and has an object store.
  squall testbed up --set gateway-capacity=500 --object-store`,
    );
}

/** The same words again, behind the command of the environment. */
function handedOn({ set = [], secondStudio, objectStore, business, edge }: UpOptions): string[] {
  return [
    ...set.flatMap((pair) => ['--set', pair]),
    ...(secondStudio ? ['--second-studio'] : []),
    ...(objectStore ? ['--object-store'] : []),
    ...(business ? ['--business'] : []),
    ...(edge === undefined ? [] : ['--edge', edge]),
  ];
}
