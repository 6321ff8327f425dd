import type { Command } from 'commander';
import { isGate, judgeGate } from '../../orchestrator/gate/recipe.ts';
import { gateMarkdown } from '../../orchestrator/gate/report/markdown.ts';
import { writeGate } from '../../orchestrator/gate/report/write-gate.ts';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import { findRun, journalOf } from '../../orchestrator/journal/run-directory.ts';
import { judgeRun } from '../../orchestrator/judge/judge.ts';
import { renderVerdict } from '../../orchestrator/report/terminal.ts';
import { verdictJson } from '../../orchestrator/report/verdict-json.ts';
import { writeReport } from '../../orchestrator/report/write-report.ts';
import { exitCodeForVerdict } from '../exit.ts';
import { print } from '../print.ts';
import { terminalLook } from '../terminal.ts';

export function addReport(root: Command): void {
  root
    .command('report')
    .argument('<run>', 'a run id in reports/, a run directory, or the directory of a gate')
    .description('judge and render a recorded run again')
    .option('--json', 'print verdict.json')
    .action(async (run: string, options: { json?: boolean }) => {
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

async function judgeAgain(directory: string, json: boolean): Promise<void> {
  const result = await judgeGate(directory);
  writeGate(directory, result, {});
  print(json ? JSON.stringify(result, null, 2) : gateMarkdown(result));
  process.exitCode = exitCodeForVerdict(result.verdict, result.residue);
}
