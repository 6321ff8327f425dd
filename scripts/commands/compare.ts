import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { isGate, judgeGate } from '../../orchestrator/gate/recipe.ts';
import { compareGates } from '../../orchestrator/gate/report/compare-gates.ts';
import { readRun } from '../../orchestrator/journal/read-run.ts';
import { judgeRun } from '../../orchestrator/judge/judge.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
import type { RunComparison } from '../../orchestrator/report/compare/compare.types.ts';
import { compareDrills } from '../../orchestrator/report/compare/compare-drills.ts';
import { compareHtml } from '../../orchestrator/report/compare/html.ts';
import { compareMarkdown, compareTerminal } from '../../orchestrator/report/compare/text.ts';
import { runFacts } from '../../orchestrator/report/facts.ts';
import { type TimelineData, timelineData } from '../../orchestrator/report/html/timeline-data.ts';
import { examples } from '../examples.ts';
import { print } from '../print.ts';
import { terminalLook } from '../terminal.ts';

interface CompareFlags {
  readonly out?: string;
  readonly json?: boolean;
}

export function addCompare(root: Command): void {
  root
    .command('compare')
    .argument('<a>', 'a run id in reports/, a run directory, or the directory of a gate')
    .argument('<b>', 'the other one, of the same sort')
    .description('two runs beside each other: both timelines and a table of differences')
    .option('--out <dir>', 'also write compare.html and compare.md there')
    .option('--json', 'print the table as JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 compared, whatever the differences are; 64 when a run is not there or damaged. `squall gate` decides.' +
        examples(
          ['The last two runs of a drill, in the terminal.', 'squall compare reports/monday reports/latest'],
          ['The same as a page.', 'squall compare reports/monday reports/latest --out reports/compared'],
        ),
    )
    .action(async (a: string, b: string, flags: CompareFlags) => {
      const { comparison, timelines } = await compare(a, b);
      if (flags.out !== undefined) writePages(flags.out, comparison, timelines);
      print(flags.json ? JSON.stringify(comparison, null, 2) : compareTerminal(comparison, terminalLook()));
      if (flags.out !== undefined && !flags.json) print(`\nPage  ${path.join(flags.out, 'compare.html')}`);
    });
}

function writePages(directory: string, comparison: RunComparison, timelines: Both['timelines']): void {
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, 'compare.md'), compareMarkdown(comparison));
    writeFileSync(path.join(directory, 'compare.html'), compareHtml(comparison, timelines));
  } catch (error) {
    throw new RefusalError(`${directory} cannot be written to: ${(error as Error).message}`);
  }
}

interface Both {
  readonly comparison: RunComparison;
  readonly timelines: readonly [TimelineData, TimelineData] | null;
}

async function compare(a: string, b: string): Promise<Both> {
  if (isGate(a) !== isGate(b)) {
    const [gate, run] = isGate(a) ? [a, b] : [b, a];
    throw new RefusalError(
      `${gate} is a gate and ${run} a run of a drill: give two of the same sort. The runs of a gate are directories in it`,
    );
  }
  if (isGate(a)) {
    const comparison = compareGates(
      { run: path.basename(path.resolve(a)), result: await judgeGate(a) },
      { run: path.basename(path.resolve(b)), result: await judgeGate(b) },
    );
    return { comparison, timelines: null };
  }
  const judged = [];
  for (const run of [a, b]) {
    const recorded = readRun(run);
    const judgement = await judgeRun(recorded);
    const facts = runFacts(recorded);
    judged.push({ verdict: judgement.verdict, facts, timeline: timelineData(judgement, facts) });
  }
  const [first, second] = judged;
  if (first === undefined || second === undefined) throw new RefusalError('two runs are needed');
  return { comparison: compareDrills(first, second), timelines: [first.timeline, second.timeline] };
}
