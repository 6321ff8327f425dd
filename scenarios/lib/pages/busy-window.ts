import { busyShare, type CpuSeconds } from './host-shares.ts';

interface Reading {
  readonly atMs: number;
  readonly cpu: CpuSeconds;
}

export interface BusyWindow {
  /**
   * The share that the processors were busy over the window that ends with this reading; null while there has not been a whole window
   * yet, and where so many readings are missing that only a longer stretch is known.
   */
  read(atMs: number, cpu: CpuSeconds | null): number | null;
}

/**
 * A mean over the run hides a peak, and between two readings any moment would be one. So a window lasts `leastMs`, or longer where a
 * reading is late or missing, but not more than `mostMs`: that would be a mean again.
 */
export const createBusyWindow = (leastMs: number, mostMs: number): BusyWindow => {
  let readings: Reading[] = [];
  return {
    read(atMs, cpu) {
      if (cpu === null) return null;
      readings.push({ atMs, cpu });
      // The last one that is old enough is where the window begins; those before it are not needed any more.
      const from = readings.findLastIndex((one) => atMs - one.atMs >= leastMs);
      if (from < 0) return null;
      readings = readings.slice(from);
      const [first] = readings as [Reading];
      return atMs - first.atMs <= mostMs ? busyShare(first.cpu, cpu) : null;
    },
  };
};
