import { mostInUse } from '../../thresholds/saturation.ts';
import { countedCounter, countedValues } from './counted.ts';
import { busyShare, type CpuSeconds, cpuSeconds, fullestDisk, memoryShare } from './host-shares.ts';
import { watchPages } from './page.ts';

const saturated = countedCounter('host_saturated');
const percent = {
  cpu: countedValues('host_cpu_percent'),
  memory: countedValues('host_memory_percent'),
  disk: countedValues('host_disk_percent'),
};
export const hostTrends = ['host_cpu_percent', 'host_memory_percent', 'host_disk_percent'];

/**
 * How much of a machine is in use, from the page of its node_exporter: memory and the fullest disk at each reading, the
 * processors over the whole time.
 */
export const watchHost = (url: string, durationMs: number): void => {
  let first: CpuSeconds | null = null;
  let last: CpuSeconds | null = null;
  let fullest = '';
  watchPages([{ url }], durationMs, (_, text) => {
    const page = text ?? '';
    last = cpuSeconds(page);
    first ??= last;
    add('memory', memoryShare(page));
    const disk = fullestDisk(page);
    fullest = disk?.mountpoint ?? fullest;
    add('disk', disk?.share ?? null);
  });
  add('cpu', first === null || last === null ? null : busyShare(first, last));
  console.info(`host: the fullest disk is ${fullest || 'not on the page'}: ${url}`);
};

/** Without a sample the objective is INVALID. */
const add = (of: keyof typeof percent, share: number | null): void => {
  if (share === null) return;
  percent[of].add(100 * share);
  saturated.add(share < mostInUse ? 0 : 1, { of });
};
