import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { decideText } from '../../orchestrator/gate/decision/decide-text.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
import { exitCodes } from '../exit.ts';
import { print } from '../print.ts';

export function addGate(root: Command): void {
  const gate = root.command('gate').description('is the candidate worse than the baseline, or is it noise?');
  gate
    .command('decide')
    .argument('<file>', 'JSON: unit, measure, baseline, candidate, alpha, smallest')
    .description('decide from numbers alone; prints one comparison as JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 same or improved, 1 regressed, 2 cannot tell, 64 a mistake in the file.',
    )
    .action(async (file: string) => {
      const decision = decideText(await textOf(file), file);
      print(JSON.stringify(decision, null, 2));
      process.exitCode = ANSWER_CODES[decision.answer];
    });
  gate
    .command('suite', { isDefault: true, hidden: true })
    .argument('[suite]')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw new RefusalError(
        'running a suite is not built yet; `squall gate decide FILE` decides from numbers that were measured before',
      );
    });
}

/** What cannot be told proves nothing, so it is not green. */
const ANSWER_CODES = {
  same: exitCodes.PASS,
  improved: exitCodes.PASS,
  regressed: exitCodes.FAIL,
  'cannot tell': exitCodes.INVALID,
} as const;

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new RefusalError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
