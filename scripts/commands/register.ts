import path from 'node:path';
import type { Command } from 'commander';
import { loadRegister, REGISTER_FILE } from '../../chaos/definitions/load-register.ts';
import { measureRegister } from '../../orchestrator/register/measure-register.ts';
import { registerOutcome } from '../../orchestrator/register/outcome.ts';
import { writePage } from '../../orchestrator/register/page.ts';
import { readRuns } from '../../orchestrator/register/read-runs.ts';
import { registerText } from '../../orchestrator/register/register-text.ts';
import { skippedText } from '../../orchestrator/register/skipped-text.ts';
import { examples } from '../examples.ts';
import { exitCodes } from '../exit-codes.ts';
import { print } from '../print.ts';
import { terminalLook } from '../terminal.ts';

interface RegisterFlags {
  readonly runs: string;
  readonly register: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function addRegister(root: Command): void {
  root
    .command('register')
    .description('each promise of the systems: its bound, what measures it, and how that last went')
    .option('--runs <dir>', 'runs of drills and gates, and summaries of scenarios (SUMMARY_JSON)', 'reports')
    .option('--register <file>', 'the promises', REGISTER_FILE)
    .option('--out <dir>', 'also write register.html, register.md and register.json there')
    .option('--json', 'machine-readable output; what was skipped goes to standard error')
    .addHelpText(
      'after',
      '\nExit code: 0 no promise is broken, 1 one is, 2 one was never measured and is not listed as such, 64 a mistake in the register.\n' +
        examples(
          ['What do the runs in reports/ say?', 'squall register'],
          ['For a dashboard.', 'squall register --runs artefacts --json'],
        ),
    )
    .action(async (flags: RegisterFlags) => {
      const { value: register } = await loadRegister(path.resolve(flags.register));
      const { runs, skipped } = readRuns(path.resolve(flags.runs));
      const rows = measureRegister(register, runs);
      if (skipped.length > 0) process.stderr.write(`${skippedText(skipped)}\n`);
      const written =
        flags.out === undefined ? [] : writePage(path.resolve(flags.out), { register, rows, runs });
      if (written.length > 0 && !flags.json) process.stderr.write(`written: ${written.join(', ')}\n`);
      print(flags.json ? JSON.stringify(rows, null, 2) : registerText(register, rows, terminalLook().width));
      process.exitCode = exitCodes[registerOutcome(rows)];
    });
}
