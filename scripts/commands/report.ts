import type { Command } from 'commander';
import { isGate, judgeGate } from '../../orchestrator/gate/recipe.ts';
import { gateMarkdown } from '../../orchestrator/gate/report/markdown.ts';
import { writeGate } from '../../orchestrator/gate/report/write-gate.ts';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import { findRun, journalOf } from '../../orchestrator/journal/run-directory.ts';
import { judgeRun } from '../../orchestrator/judge/judge.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
import { writeIndex } from '../../orchestrator/report/index/write-index.ts';
import { renderVerdict } from '../../orchestrator/report/terminal.ts';
import { verdictJson } from '../../orchestrator/report/verdict-json.ts';
import { writeReport } from '../../orchestrator/report/write-report.ts';
import { examples } from '../examples.ts';
import { exitCodeForVerdict } from '../exit.ts';
import { print } from '../print.ts';
import { terminalLook } from '../terminal.ts';

export function addReport(root: Command): void {
  root
    .command('report')
    .argument('[run]', 'a run id in reports/, a run directory, or the directory of a gate')
    .description('judge and render a recorded run again, or write the page over the runs of a directory')
    .option('--json', 'print verdict.json')
    .option('--index <dir>', 'write index.html over the runs in this directory: trends, changes, links')
    .addHelpText(
      'after',
      examples(
        ['The newest run, judged again with this version.', 'squall report latest'],
        ['Its verdict for a program.', 'squall report reports/latest --json'],
        ['A page over all runs.', 'squall report --index reports'],
      ),
    )
    .action(async (run: string | undefined, options: { json?: boolean; index?: string }) => {
      if ((run === undefined) === (options.index === undefined))
        throw new RefusalError('report: no run was given', {
          fix: 'give one, for example `squall report latest`, or a directory of runs with --index',
        });
      if (run === undefined) return index(options.index ?? '');
      if (isGate(run)) return judgeAgain(run, options.json === true);
      const directory = findRun(run);
      const { lines, damage } = readJournal(journalOf(directory));
      const recorded = { directory, lines, damage };
      const judgement = await judgeRun(recorded);
      await writeReport(directory, judgement, recorded);
      print(
        options.json
          ? verdictJson(judgement.verdict).trimEnd()
          : renderVerdict(judgement.verdict, { ...terminalLook(), directory }),
      );
      process.exitCode = exitCodeForVerdict(judgement.verdict.verdict, judgement.verdict.residue);
    });
}

function index(directory: string): void {
  const { file, runs } = writeIndex(directory);
  print(`${file}  ${runs} ${runs === 1 ? 'run' : 'runs'}`);
}

async function judgeAgain(directory: string, json: boolean): Promise<void> {
  const result = await judgeGate(directory);
  await writeGate(directory, result, {});
  print(json ? JSON.stringify(result, null, 2) : gateMarkdown(result));
  process.exitCode = exitCodeForVerdict(result.verdict, result.residue);
}
