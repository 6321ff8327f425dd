import type { Command } from 'commander';
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
    .argument('<run>', 'a run id in reports/, or a run directory')
    .description('judge and render a recorded run again')
    .option('--json', 'print verdict.json')
    .action(async (run: string, options: { json?: boolean }) => {
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
