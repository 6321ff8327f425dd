import { sleep } from '../clock.ts';
import { RefusalError } from '../refusal.ts';
import type { OpenRun } from './open-run.ts';
import type { PreparingOptions } from './options.ts';
import { commandLine, testbed, testbedRecord } from './testbed.ts';

/**
 * How `status` tells "not there" from "I cannot say". Exit codes from here on are not an answer: bad usage (64), not complete (75,
 * EX_TEMPFAIL), not found (127), no connection (ssh: 255). Tools that do answer "no" have small ones (systemctl: 3).
 */
const NO_ANSWER_FROM = 64;
/** The testbed is there but not complete; it may be in a moment. */
const INCOMPLETE = 75;
/** Enough for a pod to start, or for a part to be repaired. */
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 500;

/**
 * Starts the testbed of the environment unless it is up, and takes down again only what this run started. An existing testbed is
 * somebody else's: taking it down would delete their data. @throws
 */
export async function bringUpTestbed(
  options: Omit<PreparingOptions, 'resolve'>,
  run: OpenRun,
): Promise<void> {
  const commands = options.environment.testbed;
  if (!commands) return;
  const patience = Date.now() + (options.testbedPatienceMs ?? PATIENCE_MS);
  let status = await testbed(commands, 'status', options.cwd);
  while (status.exitCode === INCOMPLETE && Date.now() < patience && !run.stopper.signal.aborted) {
    await sleep(LOOK_EVERY_MS, run.stopper.signal);
    status = await testbed(commands, 'status', options.cwd);
  }
  if (status.ok) return;
  run.stopper.signal.throwIfAborted();
  if (status.exitCode === null || status.exitCode >= NO_ANSWER_FROM) {
    const ended = status.exitCode === null ? 'did not end by itself' : `ended with ${status.exitCode}`;
    throw new RefusalError(
      `whether the testbed is there is not known, or it is there and not complete, so it is neither started nor taken down: \`${commandLine(commands.status)}\` ${ended}: ${status.output}. Fix: see that it says 0 (up) or 1 (not there), with \`${commandLine(commands.up)}\` or \`${commandLine(commands.down)}\` if the testbed is yours`,
    );
  }
  const record = testbedRecord(commands, options.cwd, run.directory);
  await run.ledger.arm(record);
  run.cleanups.add('testbed', () => run.ledger.undo([record]));
  run.write({ type: 'note', text: 'starting the testbed' });
  const up = await testbed(commands, 'up', options.cwd, run.directory);
  if (!up.ok) throw new Error(`the testbed did not come up: ${up.output}`);
}
