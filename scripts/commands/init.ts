import type { Command } from 'commander';
import { listeners } from '../../chaos/providers/local/discover/listeners.ts';
import type { InitResult } from '../../orchestrator/init/init.ts';
import { init } from '../../orchestrator/init/init.ts';
import { kubectlContext } from '../../orchestrator/init/kubectl-context.ts';
import { loadRunners } from '../../orchestrator/load/runners.ts';
import { many } from '../../orchestrator/objectives/number-text.ts';
import { examples } from '../examples.ts';
import { requireK6 } from '../inputs.ts';
import { print } from '../print.ts';

interface InitFlags {
  readonly url?: string;
  readonly writes?: boolean;
  readonly json?: boolean;
}

export function addInit(root: Command): void {
  root
    .command('init')
    .argument(
      '[source]',
      'a URL, an OpenAPI document, a compose file, a HAR file or a k6 script; left out: what is found',
    )
    .description('write a first environment, load, thresholds, drill and CI workflow for your own system')
    .option('--url <url>', 'where the system is, if the file does not say, or says something else')
    .option('--writes', 'take requests that change data, too (they are never measured)')
    .option('--json', 'machine-readable output')
    .addHelpText('after', KEEPS + MORE)
    .action(async (source: string | undefined, flags: InitFlags) => {
      const [runner] = loadRunners;
      const result = await init({
        source,
        url: flags.url,
        writes: flags.writes === true,
        cwd: process.cwd(),
        env: process.env,
        listeners,
        inspect: async (script, vars) =>
          (await runner.inspect({ k6: await requireK6(), script, vars })).durationMs,
        kubectl: kubectlContext(process.env),
      });
      print(flags.json ? JSON.stringify(result, null, 2) : textOf(result));
    });
}

const KEEPS = `
Files that are there are kept. The system is asked some GET requests for 5 seconds, nothing else.
`;

const MORE = examples(
  ['A service that runs on this machine.', 'squall init http://127.0.0.1:8080'],
  ['The operations of its interface.', 'squall init openapi.yaml --url http://127.0.0.1:8080'],
  ['The same, from a service that serves its document.', 'squall init http://127.0.0.1:8000/openapi.json'],
  ['What a browser sent.', 'squall init recording.har'],
);

function textOf({ written, measurement, asked, notes, next }: InitResult): string {
  const measured =
    measurement === null || measurement.asked === 0
      ? []
      : [
          `Asked  ${many(asked.length, 'request')} once (${asked.join(', ')}), then ${measurement.asked} in 5 s`,
          `Seen   p50 ${measurement.p50Ms.toFixed(1)} ms, p95 ${measurement.p95Ms.toFixed(1)} ms, slowest ${measurement.maxMs.toFixed(1)} ms, ${measurement.failed} failed`,
        ];
  return [
    ...measured,
    ...written.map(({ file, what }) => `${what.padEnd(12)} ${file}`),
    ...notes.map((note) => `Note: ${note}`),
    '',
    'Next:',
    ...next.map((one) => `  ${one}`),
  ].join('\n');
}
