import { existsSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { findRun } from '../../orchestrator/journal/run-directory.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
import { recordedCsv } from '../../orchestrator/samples/recording/recorded-csv.ts';
import { recordingOf } from '../../orchestrator/samples/recording/recording.ts';
import { examples } from '../examples.ts';

export function addSamples(root: Command): void {
  root
    .command('samples')
    .argument('<run>', 'a run id in reports/, or a run directory')
    .description("print a load's samples, as k6 wrote them (CSV)")
    .option('--load <n>', 'which of the loads, counted from 0', '0')
    .addHelpText(
      'after',
      examples(
        ['Every request of the newest run.', 'squall samples latest > samples.csv'],
        ['The second load of a run.', 'squall samples latest --load 1'],
      ),
    )
    .action(async (run: string, options: { load: string }) => {
      const file = recordingOf(path.join(findRun(run), 'k6'), Number(options.load));
      if (!existsSync(file))
        throw new RefusalError(`no recording of load ${options.load}: ${file} is not there`);
      const { pieces, check } = recordedCsv(file);
      try {
        await pipeline(pieces, process.stdout, { end: false });
      } catch (cause) {
        // The reader has seen enough (`| head`) and closed the pipe.
        if ((cause as NodeJS.ErrnoException).code === 'EPIPE') return;
        throw cause;
      }
      const { complete, detail } = await check();
      if (!complete) throw new Error(`the samples are not complete: ${detail}`);
    });
}
