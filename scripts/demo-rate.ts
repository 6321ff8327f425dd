/**
 * For scripts/demo.sh: measures this machine for some seconds. The first line is the rate that fits it, or `none`, the second says why.
 */
import { cpuTimes, nicedTicks } from '../orchestrator/machine/kernel.ts';
import { diskSyncP95Ms } from '../orchestrator/tools/disk-sync.ts';
import { exchangeCostMicros } from '../orchestrator/tools/exchange-cost.ts';
import { fittingRate } from '../orchestrator/tools/fitting-rate.ts';
import { measureMachine } from '../orchestrator/tools/machine.ts';

const WATCH_MS = 4_000;

const exchangeMicros = await exchangeCostMicros();
const [times, niced] = [cpuTimes(), nicedTicks()];
const [machine, diskMs] = await Promise.all([
  measureMachine({ forMs: WATCH_MS }),
  diskSyncP95Ms('.squall', { forMs: WATCH_MS }),
]);
const [timesAfter, nicedAfter] = [cpuTimes(), nicedTicks()];
const nicedShare =
  times === null || timesAfter === null || niced === null || nicedAfter === null
    ? null
    : (nicedAfter - niced) / Math.max(1, timesAfter.totalTicks - times.totalTicks);
const { rate, why } = fittingRate({ exchangeMicros, nicedShare, diskMs, ...machine });
process.stdout.write(`${rate ?? 'none'}\n${why}\n`);
