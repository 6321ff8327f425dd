import type { Command } from 'commander';
import { inert } from '../../chaos/definitions/issues/inert.ts';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { resolveSecrets } from '../../chaos/definitions/secrets/resolve-secrets.ts';
import { loadRunners } from '../../orchestrator/load/runners.ts';
import { foreignLocks } from '../../orchestrator/recovery/active-run.ts';
import { killedRuns } from '../../orchestrator/recovery/killed-runs.ts';
import { type RecoveredRun, recover, recoverEnvironment } from '../../orchestrator/recovery/recover.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
import { examples } from '../examples.ts';
import { explain } from '../exit.ts';
import { exitCodes } from '../exit-codes.ts';
import { leftBehind } from '../left-behind.ts';
import { print } from '../print.ts';
import { everyProvider, everyUndoing } from '../providers.ts';

interface RecoverFlags {
  readonly env?: string;
  readonly declareClean?: boolean;
  readonly json?: boolean;
}

export function addRecover(root: Command): void {
  root
    .command('recover')
    .argument('[run]', 'a run id or its directory; left out: every run that died')
    .description('undo whatever a run left behind; can be run any number of times')
    .option('--env <env>', "also look for squall's marks in this environment, journal or not")
    .option(
      '--declare-clean',
      'you have looked, and nothing is left of what a damaged or missing journal hides, nor of what is out of reach: the environment is free again',
    )
    .option('--json', 'machine-readable output')
    .addHelpText(
      'after',
      examples(
        ['After a crash or a power cut: undo what every dead run left.', 'squall recover'],
        [
          'One run, and whatever carries its marks in the cluster.',
          'squall recover gateway-kill-20260101-120000 --env kubernetes',
        ],
        [
          'You have looked, and nothing is left.',
          'squall recover gateway-kill-20260101-120000 --declare-clean',
        ],
      ),
    )
    .action(async (run: string | undefined, options: RecoverFlags) => {
      const { declareClean = false } = options;
      if (declareClean && run === undefined)
        throw new RefusalError('--declare-clean is for one run that you have looked at: name it');
      const request = { ...(run === undefined ? {} : { run }), undoing: everyUndoing(), declareClean };
      const recovered = [...(await recover(request))];
      if (options.env !== undefined) recovered.push(...(await sweep(options.env, run)));
      const killed = run === undefined ? killedBefore(recovered) : [];
      print(options.json ? JSON.stringify([...recovered, ...killed], null, 2) : describe(recovered, killed));
      // What they hold is not known, so this is not the word that nothing is left.
      const foreign = foreignLocks();
      if (foreign.length > 0)
        process.stderr.write(
          `squall: not looked at, because this user may not read it: ${foreign.join(', ')}; recover as the user that it belongs to\n`,
        );
      if (recovered.some(({ residue }) => residue.length > 0)) process.exitCode = exitCodes.residue;
      else if (foreign.length > 0 || recovered.some(({ refused }) => refused !== null))
        process.exitCode = exitCodes.usage;
    });
}

/** Their guardian has undone what they left, so there is nothing to do but to know. */
function killedBefore(recovered: readonly RecoveredRun[]): RecoveredRun[] {
  return killedRuns('reports')
    .filter(({ run }) => !recovered.some((one) => one.run === run))
    .map(({ run, directory }) => ({ run, undone: [], residue: [], refused: null, killed: directory }));
}

/** Never rejects: what was found on this machine so far has to be reported. */
async function sweep(env: string, run: string | undefined): Promise<readonly RecoveredRun[]> {
  try {
    const loaded = await loadEnvironment(env, process.cwd());
    const { environment } = resolveSecrets(loaded.value, process.env, loaded);
    return await recoverEnvironment({
      environment,
      providers: everyProvider(),
      runners: loadRunners,
      ...(run === undefined ? {} : { run }),
    });
  } catch (error) {
    return [{ run: `environment ${env}`, undone: [], residue: [], refused: explain(error) }];
  }
}

function describe(recovered: readonly RecoveredRun[], killed: readonly RecoveredRun[]): string {
  const none =
    killed.length === 0 ? 'nothing to recover: no run has died on this machine' : 'nothing to recover';
  return [...(recovered.length === 0 ? [none] : []), ...[...recovered, ...killed].flatMap(linesFor)].join(
    '\n',
  );
}

function linesFor({
  run,
  undone,
  residue,
  refused,
  declared = [],
  unwritten,
  killed,
}: RecoveredRun): string[] {
  if (killed !== undefined)
    return [
      `${run}: squall was killed before the verdict, and nothing is left of it; \`squall report ${killed}\` judges what was recorded`,
    ];
  if (refused !== null) return [`${run}: ${refused}`];
  if (undone.length + residue.length + declared.length === 0) return [`${run}: nothing left to undo`];
  return [
    ...undone.map((what) => `${run}: ${inert(what, 300)}`),
    ...declared.map((what) => `${run}: declared clean by hand: ${inert(what, 300)}`),
    ...(unwritten === undefined ? [] : [`${run}: ${notWrittenDown(undone.length, unwritten)}`]),
    ...residue.flatMap((left) => leftBehind(`${run}: `, left)),
  ];
}

function notWrittenDown(undone: number, why: string): string {
  const what = undone > 0 ? 'undone, but it' : 'this';
  return `${what} could not be written down: ${inert(why, 300)}; its journal goes on naming it as open, so make room there, or make it writable, before the next drill`;
}
