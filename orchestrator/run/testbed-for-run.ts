import { testbed, testbedRecord } from '../testbed.ts';
import type { OpenRun } from './open-run.ts';
import type { DrillOptions } from './options.ts';

/** Starts the target that the environment describes, unless it is up; what this run started, it takes down again. @throws */
export async function bringUpTestbed(options: DrillOptions, run: OpenRun): Promise<void> {
  const commands = options.environment.testbed;
  if (!commands || (await testbed(commands, 'status', options.cwd)).ok) return;
  const record = testbedRecord(commands, options.cwd);
  await run.ledger.arm(record);
  run.cleanups.add('testbed', () => run.ledger.undo([record]));
  run.write({ type: 'note', text: 'starting the testbed' });
  const up = await testbed(commands, 'up', options.cwd);
  if (!up.ok) throw new Error(`the testbed did not come up: ${up.output}`);
}
