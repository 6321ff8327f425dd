import { type MachineMeasurement, measureMachine } from '../machine.ts';
import type { DoctorCheck } from './check.ts';

/** The rate that this machine can generate, with what is free on it now. */
export async function checkRate({ forMs }: { forMs: number }): Promise<DoctorCheck> {
  return rateCheck(await measureMachine({ forMs }));
}

/**
 * Processor time that one request costs where it is generated: k6 0.4 and squall 0.08 processors at 1000 requests a second, rounded up.
 * Scripts that do more for each request cost more.
 */
const COST_MS = 0.5;
/** A generator that uses more than half of what is free cannot make up for a stall before the next one (`LostTime`). */
const MOST_USED = 0.5;
/** Timers that are later than this, one in a hundred, show in the p99 of any target. */
const MOST_LATE_MS = 10;
/** Less than this is no load test. */
const LEAST_RATE = 100;

export function rateCheck(measured: MachineMeasurement): DoctorCheck {
  const { cpus, busyShare, lateP99Ms } = measured;
  const check = { name: 'rate', onlyFor: 'trustworthy latencies' };
  if (busyShare === null)
    return { ...check, ok: true, found: 'not known: this system does not say how busy it is', fix: '' };
  const rate = rateFor(measured);
  const facts = `${cpus} ${cpus === 1 ? 'processor' : 'processors'}, ${Math.round(busyShare * 100)} % busy${stealText(measured)}, timers ${Number(lateP99Ms.toFixed(1))} ms late at p99`;
  return {
    ...check,
    ok: rate >= LEAST_RATE && lateP99Ms <= MOST_LATE_MS,
    found:
      rate < LEAST_RATE
        ? `no load with confidence now (${facts})`
        : `about ${rate} requests a second with confidence, half of it if the target runs here, too (reckoned from ${facts})`,
    fix: 'end other work on this machine, or generate the load on another one',
  };
}

/** Requests a second, to one digit less than it would pretend to know. */
export function rateFor({ cpus, busyShare }: Pick<MachineMeasurement, 'cpus' | 'busyShare'>): number {
  const free = cpus * (1 - (busyShare ?? 0));
  return Math.floor((free * MOST_USED * 1000) / COST_MS / 50) * 50;
}

function stealText({ stealShare }: MachineMeasurement): string {
  return stealShare === null || stealShare < 0.005
    ? ''
    : `, ${Math.round(stealShare * 100)} % taken by the hypervisor`;
}
