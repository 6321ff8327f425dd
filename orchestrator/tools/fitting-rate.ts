import type { MachineMeasurement } from './machine.ts';

/** What is known of a machine before a load. */
export interface Capacity
  extends Pick<MachineMeasurement, 'cpus' | 'busyShare' | 'stealShare' | 'lateP99Ms'> {
  /** Of one small HTTP exchange: orchestrator/tools/exchange-cost.ts. */
  readonly exchangeMicros: number;
  /** Of all processors, in use by work of a low priority, which gives way; null: not known. Part of busyShare. */
  readonly nicedShare: number | null;
  /** How long a small write takes to be on disk, 95th percentile: orchestrator/tools/disk-sync.ts. */
  readonly diskMs: number;
}

export interface FittingRate {
  /** Requests a second; null: not even the lowest. */
  readonly rate: number | null;
  /** One sentence with the figures that decided. */
  readonly why: string;
}

export const DEMO_RATES = [1_000, 500, 250] as const;

/**
 * Testbed (0.6), k6 (0.4) and squall (0.08) at 1000 requests a second, on a machine where an exchange takes as long as below. That is the
 * cost at full speed; at these rates most of the cores' time goes into waking idle processes, which is taken to grow with it.
 */
const CORES_PER_THOUSAND = 1.1;
const REFERENCE_MICROS = 60;
/** What runs whatever the rate: databases, checks, the control loop. */
const CORES_AT_REST = 0.1;
/**
 * Of the processors that are free. Above this, queues decide about latencies (at two thirds busy, work waits twice as long as it takes:
 * 1 / (1 - 2/3) - 1), and a failover of a database needs the rest for some seconds.
 */
const USABLE_SHARE = 2 / 3;
/** A timer that is so late makes a request as late. The tightest bound is 100 ms at the 95th percentile; a request meets several. */
const LATE_MS: readonly (readonly [rate: number, atMost: number])[] = [
  [1_000, 10],
  [500, 20],
  [250, 40],
];

/**
 * A project is acknowledged when two databases have it on disk, one after the other, and that has to take less than 500 ms at the 95th
 * percentile. Half of that is left for a disk that gets busier during the drill; it has databases to copy.
 */
const DISK_MS = 500 / 2 / 2;

/** The highest rate of the demo that this machine carries with room. Pure. */
export function fittingRate(capacity: Capacity): FittingRate {
  const { cpus, lateP99Ms, exchangeMicros, diskMs } = capacity;
  // Steal is part of busy. Where the kernel says nothing, nobody else is assumed to be there.
  const freeCores = cpus * Math.min(1, 1 - (capacity.busyShare ?? 0) + (capacity.nicedShare ?? 0));
  const needed = (rate: number) =>
    CORES_AT_REST + ((CORES_PER_THOUSAND * rate) / 1_000) * (exchangeMicros / REFERENCE_MICROS);
  const rate =
    DEMO_RATES.find((one) => {
      const late = LATE_MS.find(([at]) => at === one)?.[1] ?? 0;
      return needed(one) <= freeCores * USABLE_SHARE && lateP99Ms <= late;
    }) ?? null;
  const about = `${cpus} ${cpus === 1 ? 'processor' : 'processors'}, ${freeCores.toFixed(1)} free${stolen(capacity.stealShare)}, timers ${Math.round(lateP99Ms)} ms late (p99)`;
  if (diskMs > DISK_MS) {
    const slow = `its disk takes ${Math.round(diskMs)} ms to keep a write (p95)`;
    return { rate: null, why: `${slow}, and the testbed waits for two of them: at most ${DISK_MS} ms fit` };
  }
  const least = DEMO_RATES.at(-1) as number;
  const need = needed(rate ?? least).toFixed(1);
  return rate === null
    ? { rate, why: `${about}: even ${least} requests a second (${need} processors, with room) are too many` }
    : { rate, why: `${about}: ${rate} requests a second (they take ${need})` };
}

function stolen(share: number | null): string {
  return share !== null && share >= 0.01 ? `, ${Math.round(share * 100)} % taken by the hypervisor` : '';
}
