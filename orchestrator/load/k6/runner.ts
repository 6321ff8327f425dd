import { openSampleStream } from '../../samples/record/stream.ts';
import type { HeldLoad, LoadRunner, LoadStart } from '../runner.ts';
import { notPassedOn } from './environment.ts';
import { asksOf, inspectScript } from './inspect.ts';
import { startK6 } from './k6.ts';
import { pipeOf, removePipe, removePipes } from './pipes.ts';
import { K6_RUNNER, undoK6 } from './undo.ts';

/** Runs k6 as a process on this machine and reads its samples from a named pipe. */
export const k6Runner: LoadRunner = {
  name: K6_RUNNER,
  async inspect(script) {
    const { scenarios: _, thresholds, ...shape } = await inspectScript(script);
    return { ...shape, thresholds: asksOf(thresholds) };
  },
  notPassedOn,
  start: startWithPipe,
  undo: undoK6,
  removeLeftovers: removePipes,
};

async function startWithPipe(start: LoadStart): Promise<HeldLoad> {
  const fifo = pipeOf(start.directory, start.index);
  const samples = await openSampleStream({ ...start.samples, fifo });
  const { identity, ...process } = startK6(start, fifo);
  return { ...process, pid: identity.pid, samples, close: () => removePipe(fifo) };
}
