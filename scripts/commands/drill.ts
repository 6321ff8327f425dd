import { renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Variables } from '../../chaos/definitions/read/variables.ts';
import { planDrill } from '../../orchestrator/plan/plan-drill.ts';
import { renderVerdict } from '../../orchestrator/report/terminal.ts';
import { verdictJson } from '../../orchestrator/report/verdict-json.ts';
import { STOP_SIGNALS } from '../../orchestrator/run/stopper.ts';
import { refreshBundles } from '../../orchestrator/tools/refresh-bundles.ts';
import { approveOption } from '../approve-option.ts';
import { examples } from '../examples.ts';
import { exitCodeForVerdict } from '../exit.ts';
import { indexRuns } from '../index-runs.ts';
import { loadBoth, requireK6 } from '../inputs.ts';
import type { PageFlags } from '../live-page.ts';
import { runOneDrill } from '../one-drill.ts';
import { print } from '../print.ts';
import { newRunId } from '../run-id.ts';
import { terminalLook } from '../terminal.ts';
import { varOption } from '../var-option.ts';

interface DrillFlags extends PageFlags {
  readonly env: string;
  readonly out?: string;
  readonly var: Variables;
  readonly note: string[];
  readonly approve: string[];
  readonly json?: boolean;
}

export function addDrill(root: Command): void {
  root
    .command('drill')
    .argument('<drill>', 'a drill file')
    .description('run a drill: load, faults, proof, verdict, report')
    .option('--env <env>', 'an environment: a name in chaos/environments/ or a path', 'local')
    .option('--out <dir>', "the run's directory (default: reports/<run id>)")
    .addOption(varOption())
    .option('--note <text...>', 'is kept in the journal and shown in the report', [])
    .addOption(approveOption())
    .option(
      '--ui',
      'shows the run as a page on this machine while it lasts; its address is on standard error',
    )
    .option('--ui-port <port>', 'the same, at this port')
    .option('--k6-dashboard', "passes k6's own dashboard of the first load through, at an address of its own")
    .option('--json', 'print verdict.json; progress goes to standard error')
    .addHelpText(
      'after',
      '\nThe exit code is the verdict: 0 PASS, 1 FAIL, 2 INVALID; 3 when something was left behind.\n' +
        examples(
          ['On the target of this repository.', 'squall drill chaos/drills/gateway-kill.yaml --env local'],
          [
            'With less load, and a word in the report.',
            'squall drill chaos/drills/spike.yaml --var RATE=100 --note "before the release"',
          ],
          ['Watched in a browser.', 'squall drill chaos/drills/gateway-kill.yaml --ui'],
          [
            'In a pipeline: the directory is kept as an artefact.',
            'squall drill chaos/drills/redis-failover.yaml --env local --out artefacts/redis --json',
          ],
          [
            'A fault that cannot be undone is named.',
            'squall drill chaos/drills/postgres-failover.yaml --env staging --approve primary-lost',
          ],
        ),
    )
    .action(async (file: string, flags: DrillFlags) => {
      const cwd = process.cwd();
      const { drill, environment } = await loadBoth(file, flags.env, flags.var);
      const k6 = await requireK6();
      const bundled = await refreshBundles(drill.value.load, cwd);
      const plan = await planDrill({ drill, environment, k6, cwd, env: process.env });
      const run = newRunId(plan.drill.name);
      const directory = path.resolve(flags.out ?? path.join('reports', run));
      const stdout = flags.json ? process.stderr : process.stdout;
      ignoreSignalsAtTheEnd();
      const result = await runOneDrill({
        ...{ run, directory, plan, environmentFile: environment.file, k6, approve: flags.approve },
        notes: [...bundled, ...Object.entries(flags.var).map(changed), ...flags.note],
        page: flags,
        stdout,
        // From its start on: of a run that is killed, the link must not show the one before.
        ...(flags.out === undefined && { started: () => linkLatest(directory) }),
      });
      const { verdict, reportProblem } = result;
      if (reportProblem !== null)
        process.stderr.write(
          `squall: the report is not whole: ${reportProblem}; when that is put right, \`squall report ${directory}\` writes it\n`,
        );
      print(
        flags.json
          ? verdictJson(verdict).trimEnd()
          : renderVerdict(verdict, { ...terminalLook(), directory }),
      );
      // Nobody can check a verdict without its report, so this is not green.
      process.exitCode = exitCodeForVerdict(
        reportProblem === null ? verdict.verdict : 'INVALID',
        verdict.residue,
      );
      if (reportProblem !== null || flags.out !== undefined) return;
      indexRuns(path.dirname(directory));
    });
}

function changed([name, value]: readonly [string, string]): string {
  return `${name} is ${value}, from the command line`;
}

/**
 * The run itself treats signals as a request to stop. These handlers keep a signal that comes after the run, while the verdict is
 * printed, from ending the process without its exit code.
 */
function ignoreSignalsAtTheEnd(): void {
  for (const signal of STOP_SIGNALS) process.on(signal, () => {});
}

/** In one step, so that two drills that end together leave an intact link. A convenience: its failure never costs the verdict. */
function linkLatest(directory: string): void {
  const link = path.join(path.dirname(directory), 'latest');
  const draft = `${link}.${process.pid}`;
  try {
    rmSync(draft, { force: true });
    symlinkSync(path.basename(directory), draft);
    renameSync(draft, link);
  } catch (error) {
    rmSync(draft, { force: true });
    process.stderr.write(`squall: ${link} was not updated: ${(error as Error).message}\n`);
  }
}
