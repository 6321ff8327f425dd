import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { readJournal } from '../../orchestrator/journal/read-journal.ts';
import { judgeRun } from '../../orchestrator/judge/judge.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
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
      const { lines, damage } = readJournal(path.join(directory, 'journal.jsonl'));
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

/** A directory as given, or a run id below reports/ of the working directory. */
export function findRun(run: string): string {
  const candidates = [path.resolve(run), path.resolve('reports', run)];
  const found = candidates.find((directory) => existsSync(path.join(directory, 'journal.jsonl')));
  if (!found)
    throw new RefusalError(
      `no recorded run ${run}, neither here nor in reports/ (a run's directory has a journal.jsonl)${newest()}`,
    );
  return found;
}

/** Run ids begin with their time. */
function newest(): string {
  const runs = existsSync('reports') ? readdirSync('reports').filter((name) => name !== 'latest') : [];
  return runs.length === 0 ? '' : `; the newest: ${runs.sort().reverse().slice(0, 3).join(', ')}`;
}
