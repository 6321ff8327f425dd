import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { foreignLocks, isUnderWay, listActive, stopFileOf } from '../../orchestrator/recovery/active-run.ts';
import { RefusalError } from '../../orchestrator/refusal.ts';
import { examples } from '../examples.ts';
import { print } from '../print.ts';

export function addStop(root: Command): void {
  root
    .command('stop')
    .argument('[run]', 'a run id; left out: every run of yours that is under way on this machine')
    .description('the kill switch: all faults are undone, the load ends, the run is INVALID')
    .addHelpText(
      'after',
      examples(
        ['From another terminal: end everything now, and undo it.', 'squall stop'],
        ['One of several runs.', 'squall stop gateway-kill-20260101-120000'],
      ),
    )
    .action(async (run: string | undefined) => {
      const named = listActive().filter((active) => run === undefined || active.run === run);
      // Each at once: whether one in another container is alive takes a while to see.
      const stopped = await Promise.all(
        named.map(async (active) => {
          if (!(await isUnderWay(active))) return false;
          writeFileSync(stopFileOf(active), '');
          print(`stopping ${active.run} on ${active.environment}`);
          return true;
        }),
      );
      if (!stopped.includes(true)) {
        const foreign = foreignLocks();
        throw new RefusalError(
          `${run === undefined ? 'no run' : `no run ${run}`} is under way (what a run that died left behind: squall recover)`,
          foreign.length === 0
            ? {}
            : { fix: `stop it as another user: this one may not read ${foreign.join(', ')}` },
        );
      }
    });
}
