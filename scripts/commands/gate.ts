import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { loadEnvironment } from '../../chaos/definitions/load-environment.ts';
import { type LoadedSuite, loadSuite } from '../../chaos/definitions/load-suite.ts';
import { checkBudget } from '../../orchestrator/gate/budget.ts';
import { calibrationOf, writeCalibration } from '../../orchestrator/gate/calibration/calibration.ts';
import { runCalibration } from '../../orchestrator/gate/calibration/run-calibration.ts';
import { decideText } from '../../orchestrator/gate/decision/decide-text.ts';
import { readGateBudgets } from '../../orchestrator/gate/error-budgets.ts';
import type { Part, PartResult } from '../../orchestrator/gate/gate.types.ts';
import { checkKeepable, keepRun, readHistory } from '../../orchestrator/gate/history/run-record.ts';
import { planGate } from '../../orchestrator/gate/plan-gate.ts';
import { writeRecipe } from '../../orchestrator/gate/recipe.ts';
import { gateAnnotations } from '../../orchestrator/gate/report/annotations.ts';
import { gateMarkdown } from '../../orchestrator/gate/report/markdown.ts';
import { writeGate } from '../../orchestrator/gate/report/write-gate.ts';
import { runGate } from '../../orchestrator/gate/run-gate.ts';
import { entryPoint } from '../../orchestrator/package.ts';
import { resolveTargets } from '../../orchestrator/plan/resolve-targets.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
import { runDrill } from '../../orchestrator/run/run-drill.ts';
import { refreshBundles } from '../../orchestrator/tools/refresh-bundles.ts';
import { environmentOrUrl } from '../environment-or-url.ts';
import { examples } from '../examples.ts';
import { exitCodeForVerdict } from '../exit.ts';
import { exitCodes } from '../exit-codes.ts';
import { indexRuns } from '../index-runs.ts';
import { requireK6 } from '../inputs.ts';
import { inNewDirectory } from '../new-directory.ts';
import { print } from '../print.ts';
import { everyProvider } from '../providers.ts';
import { newRunId } from '../run-id.ts';

interface GateFlags {
  readonly candidate: string;
  readonly baseline?: string;
  readonly history?: string;
  readonly out?: string;
  readonly seed: string;
  readonly json?: boolean;
}

export function addGate(root: Command): void {
  const gate = root
    .command('gate')
    .description('does the candidate hold, and is it worse than the baseline?')
    .addHelpText(
      'after',
      examples(
        [
          'The checks and comparisons of a suite.',
          'squall gate release --candidate staging --baseline production-copy',
        ],
        ['Only the numbers.', 'squall gate decide starts.json'],
      ),
    );
  gate
    .command('suite', { isDefault: true })
    .argument('<suite>', 'a name in chaos/suites/ or a path')
    .description('run the checks and comparisons of a suite (the default: squall gate SUITE)')
    .requiredOption('--candidate <env>', 'the environment that is to be released, or its URL')
    .option('--baseline <env>', 'the environment that it is compared with, side by side, or its URL')
    .option('--history <dir>', 'compare with the runs kept in this directory, and add this one')
    .option('--out <dir>', "the gate's directory (default: reports/<id>)")
    .option('--seed <number>', 'decides the order of the slots', '1')
    .option('--json', 'print gate.json; progress goes to standard error')
    .addHelpText(
      'after',
      '\nExit code: 0 PASS, 1 FAIL, 2 INVALID, 3 something was left behind, 64 refused before anything was started.\n' +
        examples(
          [
            'Two versions side by side.',
            'squall gate release --candidate staging --baseline production-copy',
          ],
          [
            'Against the runs of main that were kept.',
            'squall gate release --candidate staging --history runs-of-main',
          ],
        ),
    )
    .action(gateSuite);
  gate
    .command('decide')
    .argument('<file>', 'JSON: unit, measure, baseline, candidate, alpha, smallest')
    .description('decide from numbers alone; prints one comparison as JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 same or improved, 1 regressed, 2 cannot tell, 64 a mistake in the file.\n' +
        examples(['Measurements from elsewhere.', 'squall gate decide starts.json']),
    )
    .action((file: string) => {
      const decision = decideText(textOf(file), file);
      print(JSON.stringify(decision, null, 2));
      process.exitCode = ANSWER_CODES[decision.answer];
    });
  gate
    .command('calibrate')
    .argument('<suite>', 'a name in chaos/suites/ or a path')
    .description('start the baseline ten times and measure how far two starts of the same code differ')
    .requiredOption(
      '--baseline <env>',
      'an environment with testbed commands; the result is kept beside its file',
    )
    .option('--out <dir>', 'the directory of its runs (default: reports/<id>)')
    .option(
      '--beside <env>',
      'a second environment of the same code: both are measured side by side, so that a machine that is slower at times does not count',
    )
    .option('--starts <number>', 'how many', '10')
    .addHelpText(
      'after',
      examples(
        ['Once for each machine that the gate runs on.', 'squall gate calibrate release --baseline local'],
        [
          'Side by side with a second instance of the same code, on a machine with other work to do.',
          'squall gate calibrate release --baseline local --beside local-2',
        ],
      ),
    )
    .action(gateCalibrate);
}

/** What cannot be told proves nothing, so it is not green. */
const ANSWER_CODES = {
  same: exitCodes.PASS,
  improved: exitCodes.PASS,
  regressed: exitCodes.FAIL,
  'cannot tell': exitCodes.INVALID,
} as const;

async function gateCalibrate(
  name: string,
  flags: { baseline: string; beside?: string; out?: string; starts: string },
): Promise<void> {
  const starts = Number(flags.starts);
  if (!Number.isInteger(starts) || starts < 3 || starts > 50)
    throw new RefusalError('--starts is a whole number from 3 to 50');
  const cwd = process.cwd();
  const suite = await loadSuite(name, cwd);
  const environment = await loadEnvironment(flags.baseline, cwd);
  const beside = flags.beside === undefined ? null : await loadEnvironment(flags.beside, cwd);
  const k6 = await requireK6();
  await refreshBundlesOf(suite, cwd);
  const comparisons = await inNewDirectory(flags.out, `calibrate-${suite.value.name}`, (directory, rest) =>
    runCalibration({
      ...{
        suite,
        candidate: environment,
        baseline: beside,
        history: null,
        k6,
        cwd,
        seed: 1,
        directory,
        starts,
      },
      ...{ env: process.env, run: (part: Part, own: string) => runPart(part, own, k6, cwd), ...rest },
    }),
  );
  const file = calibrationOf(environment.file);
  writeCalibration(file, comparisons, new Date().toISOString());
  print(`${file}\n${JSON.stringify(comparisons, null, 2)}`);
}

async function refreshBundlesOf({ value, drills }: LoadedSuite, cwd: string): Promise<void> {
  const own = [...value.checks, ...value.compare].filter(({ scenario }) => scenario !== undefined);
  const inDrills = [...drills.values()].flatMap(({ value: { load } }) => load);
  await refreshBundles([...own, ...inDrills], cwd);
}

async function gateSuite(name: string, flags: GateFlags): Promise<void> {
  if (flags.history !== undefined && flags.baseline !== undefined)
    throw new RefusalError('--baseline and --history are two answers to one question: give one of them');
  const seed = Number(flags.seed);
  if (!Number.isInteger(seed)) throw new RefusalError(`--seed ${flags.seed} is no whole number`);
  const cwd = process.cwd();
  const suite = await loadSuite(name, cwd);
  const candidate = await environmentOrUrl(flags.candidate, 'candidate', cwd);
  const baseline =
    flags.baseline === undefined ? null : await environmentOrUrl(flags.baseline, 'baseline', cwd);
  const kept = flags.history === undefined ? null : path.resolve(flags.history);
  const history = kept === null ? null : readHistory(kept);
  const k6 = await requireK6();
  await refreshBundlesOf(suite, cwd);
  await inNewDirectory(flags.out, `gate-${suite.value.name}`, async (directory, rest) => {
    const planned = await planGate({
      ...{ suite, candidate, baseline, history, k6, cwd, env: process.env, seed, directory },
    });
    const lengthMs = checkBudget(suite.value, planned);
    const budgets = await readGateBudgets(candidate, { cwd, env: process.env, nowMs: Date.now() });
    const plan = { ...planned, budgets };
    rest.say(`gate ${suite.value.name}: at most ${Math.ceil(lengthMs / 1000)} s, into ${directory}`);
    if (kept !== null) checkKeepable(kept);
    writeRecipe(directory, plan);
    const result = await runGate<Part>({
      ...{ plan, directory, run: (part, own) => runPart(part, own, k6, cwd), ...rest },
      keep: (record) => kept !== null && keepRun(kept, record),
    });
    await writeGate(directory, result, process.env);
    // On standard error: with --json, standard output is the result and nothing else.
    if (process.env.GITHUB_ACTIONS === 'true')
      for (const line of gateAnnotations(result)) process.stderr.write(`${line}\n`);
    print(
      flags.json ? readFileSync(path.join(directory, 'gate.json'), 'utf8').trimEnd() : gateMarkdown(result),
    );
    process.exitCode = exitCodeForVerdict(result.verdict, result.residue);
    if (flags.out === undefined) indexRuns(path.dirname(directory));
  });
}

async function runPart(
  { name, environment, plan }: Part,
  directory: string,
  k6: Awaited<ReturnType<typeof requireK6>>,
  cwd: string,
): Promise<PartResult> {
  const providers = everyProvider();
  const run = newRunId(name);
  const { verdict, reportProblem } = await runDrill({
    run,
    directory,
    ...plan,
    environmentFile: environment.file,
    k6,
    cwd,
    guardianEntry: entryPoint('scripts/guardian'),
    undoing: providers,
    resolve: (signal) => resolveTargets({ plan, run, providers, approve: [] }, signal),
  });
  // Nobody can check a verdict without its report.
  const whole = reportProblem === null;
  return {
    verdict: whole ? verdict.verdict : 'INVALID',
    reasons: whole ? verdict.reasons : [`the report is not whole: ${reportProblem}`],
    directory,
    residue: verdict.residue,
  };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new RefusalError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
