import { whatItDid } from '../judge/by-machine.ts';
import type { LoadSpan } from '../judge/phases.ts';
import { lostTimeOf } from '../machine/lost-time.ts';
import type { MachineSecond } from '../machine/reading.ts';

/** A stall of this length shows in any percentile of a second. */
const LONG_MS = 100;
/** More than this share of the time lost shows in tail percentiles, even in pieces too short to see. */
const MUCH = 0.05;

/** What the machine did in this time that it cannot bear, as `whatItDid` says it; null: it was fit to measure. Epoch ms. */
export function machineTrouble(seconds: readonly MachineSecond[], { from, to }: LoadSpan): string | null {
  const lost = lostTimeOf(seconds.flatMap(({ stalls }) => stalls));
  const longest = Math.max(
    0,
    ...lost.standstills.filter((one) => one.to > from && one.from < to).map(({ lostMs }) => lostMs),
  );
  if (longest < LONG_MS && lost.lostMs(from, to) < MUCH * (to - from)) return null;
  return `the machine that generates the load ${whatItDid(lost, { from, to })}`;
}

/** What a person can do about it, before it goes on. */
export const MACHINE_HELP =
  'lower the rate of the load (RATE), end other work on this machine, or generate the load on another machine';
