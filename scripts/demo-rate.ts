/**
 * For scripts/demo.sh: measures this machine for some seconds. The first line is the rate that fits it, or `none`, the second says why.
 */
import { exchangeCostMicros } from '../orchestrator/tools/exchange-cost.ts';
import { fittingRate } from '../orchestrator/tools/fitting-rate.ts';
import { measureMachine } from '../orchestrator/tools/machine.ts';

const WATCH_MS = 4_000;

const exchangeMicros = await exchangeCostMicros();
const { rate, why } = fittingRate({ exchangeMicros, ...(await measureMachine({ forMs: WATCH_MS })) });
if (process.env.DEBUG !== undefined)
  process.stderr.write(`${exchangeMicros.toFixed(0)} µs for an exchange\n`);
process.stdout.write(`${rate ?? 'none'}\n${why}\n`);
