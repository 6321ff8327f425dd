import type { Command } from 'commander';
import { inert } from '../../chaos/definitions/inert.ts';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { resolveSecrets } from '../../chaos/definitions/resolve-secrets.ts';
import { type RecoveredRun, recover, recoverEnvironment } from '../../orchestrator/recover.ts';
import { exitCodes } from '../exit.ts';
import { print } from '../print.ts';
import { everyProvider, everyUndoing } from '../providers.ts';

export function addRecover(root: Command): void {
  root
    .command('recover')
    .argument('[run]', 'a run id or its directory; left out: every run that died')
    .description('undo whatever a run left behind; can be run any number of times')
    .option('--env <env>', "also look for squall's marks in this environment, journal or not")
    .option('--json', 'machine-readable output')
    .action(async (run: string | undefined, options: { env?: string; json?: boolean }) => {
      const recovered = [
        ...(await recover({ ...(run === undefined ? {} : { run }), undoing: everyUndoing() })),
      ];
      if (options.env !== undefined) recovered.push(...(await sweep(options.env, run)));
      print(options.json ? JSON.stringify(recovered, null, 2) : describe(recovered));
      if (recovered.some(({ residue }) => residue.length > 0)) process.exitCode = exitCodes.residue;
      else if (recovered.some(({ refused }) => refused !== null)) process.exitCode = exitCodes.usage;
    });
}

async function sweep(env: string, run: string | undefined): Promise<readonly RecoveredRun[]> {
  const loaded = await loadEnvironment(env, process.cwd());
  const { environment } = resolveSecrets(loaded.value, process.env, loaded);
  return recoverEnvironment({
    environment,
    providers: everyProvider(),
    ...(run === undefined ? {} : { run }),
  });
}

function describe(recovered: readonly RecoveredRun[]): string {
  if (recovered.length === 0) return 'nothing to recover: no run has died on this machine';
  return recovered.flatMap(linesFor).join('\n');
}

function linesFor({ run, undone, residue, refused }: RecoveredRun): string[] {
  if (refused !== null) return [`${run}: ${refused}`];
  if (undone.length + residue.length === 0) return [`${run}: nothing left to undo`];
  return [
    ...undone.map((what) => `${run}: ${inert(what, 300)}`),
    ...residue.flatMap(({ what, command }) => [
      `${run}: LEFT BEHIND: ${inert(what, 300)}; remove it with:`,
      `  ${inert(command, 500)}`,
    ]),
  ];
}
