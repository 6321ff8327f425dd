import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { identify } from '../../chaos/process-identity.ts';
import { keepLinks } from '../../chaos/providers/local/link/kept/keep-links.ts';
import { stateDirectory } from '../../chaos/state-directory.ts';
import { entryPoint } from '../../orchestrator/package.ts';
import { startGuardian } from '../../orchestrator/recovery/guardian/client.ts';
import { STOP_SIGNALS } from '../../orchestrator/run/stopper.ts';
import { examples } from '../examples.ts';
import { print } from '../print.ts';
import { newRunId } from '../run-id.ts';

export function addLink(root: Command): void {
  root
    .command('link')
    .argument('<env>', 'an environment: a name in chaos/environments/ or a path')
    .description('keep the links of an environment open until Ctrl-C, outside drills and during them')
    .addHelpText(
      'after',
      `\nFor an application that connects at its start. A drill that runs meanwhile puts its faults into these links.\n${examples(
        ['keep the links of chaos/environments/lab.yaml open', 'squall link lab'],
      )}`,
    )
    .action(async (env: string) => {
      const { value, file } = await loadEnvironment(env, process.cwd());
      // A Ctrl-C that comes while the links are being opened must not leave anything behind.
      const stopped = new Promise<void>((resolve) => {
        for (const signal of STOP_SIGNALS) process.on(signal, () => resolve());
      });
      const owner = identify(process.pid);
      if (owner === null) throw new Error('this process cannot be identified (is /proc mounted?)');
      const run = newRunId(`link-${value.name}`);
      const directory = path.join(stateDirectory(), 'links', run);
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      // Links end with this process, however it ends; a file that announces one has to be removed by somebody then.
      const guardian = startGuardian({ entry: entryPoint('scripts/guardian'), directory });
      const active = { run, environment: value.name, environmentFile: file, directory, owner };
      await guardian.send({ type: 'hello', active: { ...active, guardian: guardian.identity } });
      try {
        const kept = await keepLinks(value, (record) => guardian.arm(record));
        for (const { name, address, upstream } of kept.links) print(`${name}: ${address} -> ${upstream}`);
        print('Kept open until Ctrl-C.');
        await stopped;
        await kept.close();
      } finally {
        await guardian.dismiss();
        rmSync(directory, { recursive: true, force: true });
      }
    });
}
