import type { JournalEvent } from '../journal/events.ts';
import { watchMachine } from '../machine/client.ts';
import type { MachineSecond } from '../machine/reading.ts';
import type { LiveTick } from '../samples/types.ts';
import type { OpenRun } from './open-run.ts';

/** Has this machine watched while it generates the load, and written down. */
export interface WatchedMachine {
  /** VUs in use are taken from it. */
  tick(load: number, tick: LiveTick): void;
  /** The seconds since the load began, oldest first; of a long run the newest. */
  readonly seconds: readonly MachineSecond[];
}

/** A steady phase is looked back on; hours are not. */
const KEPT_SECONDS = 600;

/**
 * The watch ends with the run. A machine that cannot be watched is said and stops nothing: the run is judged without it.
 *
 * @param carriers the threads of this process that carry connections of the load: waiting for a processor, they delay requests
 */
export function watchMachineOf(
  run: Pick<OpenRun, 'write' | 'writeMany' | 'listen' | 'cleanups'>,
  carriers: () => readonly number[],
): WatchedMachine {
  const seconds: MachineSecond[] = [];
  const vus = new Map<number, number>();
  const pids: number[] = [];
  let hasLoad = false;
  let written: Promise<unknown> = Promise.resolve();
  const lost = (why: string) =>
    run.write({ type: 'note', text: `nothing watches the machine that generates the load: ${why}` });
  try {
    const watch = watchMachine({
      onSecond(second) {
        // Before the load there is nothing that the machine could have disturbed.
        if (!hasLoad) return;
        seconds.push(second);
        if (seconds.length > KEPT_SECONDS) seconds.shift();
        const inUse = [...vus.values()];
        const event: JournalEvent = {
          ...second,
          type: 'machine',
          vus: inUse.length === 0 ? null : inUse.reduce((sum, count) => sum + count, 0),
        };
        written = Promise.all([written, run.writeMany([event])]);
      },
      onLost: () => lost('the process that did has ended'),
    });
    run.listen((event) => {
      if (event.type === 'load-ended') vus.delete(event.load);
      if (event.type !== 'load-started') return;
      hasLoad = true;
      if (event.pid !== null) pids.push(event.pid);
      const ofLinks = carriers().map((thread) => ({ pid: process.pid, thread }));
      watch.watch({ load: pids, carriers: ofLinks });
    });
    run.cleanups.add('watch of the machine', async () => {
      await watch.close();
      await written;
    });
  } catch (error) {
    lost((error as Error).message);
  }
  return {
    seconds,
    tick(load, tick) {
      if (typeof tick.vus === 'number') vus.set(load, tick.vus);
    },
  };
}
