import { mostInUse } from '../../../thresholds/saturation.ts';
import { countedCounter, countedValues } from '../objectives/counted.ts';
import { createBusyWindow } from './busy-window.ts';
import { busyShare, type CpuSeconds, cpuSeconds, fullestDisk, memoryShare } from './host-shares.ts';
import { mostUnreadMs, watchPages } from './page.ts';

const saturated = countedCounter('host_saturated');
const percent = {
  cpu: countedValues('host_cpu_percent'),
  memory: countedValues('host_memory_percent'),
  disk: countedValues('host_disk_percent'),
  'peak-cpu': countedValues('host_peak_cpu_percent'),
};
/** In a load of less than 20 s half of it, because its first and last reading take a moment. */
const peakWindowMs = 10_000;
/** Plus one for each when the watch begins, minus one when it was read (nearly) all the time. */
const unseen = countedCounter('host_unseen');
const ofEach = ['cpu', 'memory', 'disk', 'peak-cpu'] as const;
export const hostTrends = [
  'host_cpu_percent',
  'host_memory_percent',
  'host_disk_percent',
  'host_peak_cpu_percent',
];

/**
 * How much of a machine is in use, from the page of its node_exporter: memory and the fullest disk at each reading, the
 * processors over the whole time, and over each 10 s of it (`peak-cpu`).
 */
export const watchHost = (url: string, durationMs: number): void => {
  let first: CpuSeconds | null = null;
  let last: CpuSeconds | null = null;
  let fullest = '';
  let readAt = Date.now();
  const peak = createBusyWindow(Math.min(peakWindowMs, durationMs / 2), 2 * peakWindowMs);
  const unreadMs = { cpu: 0, memory: 0, disk: 0, 'peak-cpu': 0 };
  for (const of of ofEach) unseen.add(1, { of });
  watchPages([{ url }], durationMs, (_, text) => {
    const page = text ?? '';
    const cpu = cpuSeconds(page);
    first ??= cpu;
    last = cpu ?? last;
    const disk = fullestDisk(page);
    fullest = disk?.mountpoint ?? fullest;
    const read = { cpu, memory: memoryShare(page), disk: disk?.share ?? null, 'peak-cpu': cpu };
    const sinceMs = Date.now() - readAt;
    readAt += sinceMs;
    for (const of of ofEach) if (read[of] === null) unreadMs[of] += sinceMs;
    add('memory', read.memory);
    add('disk', read.disk);
    add('peak-cpu', peak.read(readAt, cpu));
  });
  for (const of of ofEach) {
    if (unreadMs[of] <= mostUnreadMs(durationMs)) unseen.add(-1, { of });
    else console.error(`host: its ${of} could not be read for ${(unreadMs[of] / 1000).toFixed(1)} s: ${url}`);
  }
  add('cpu', first === null || last === null ? null : busyShare(first, last));
  console.info(`host: the fullest disk is ${fullest || 'not on the page'}: ${url}`);
};

/** Without a sample the objective is INVALID. */
const add = (of: keyof typeof percent, share: number | null): void => {
  if (share === null) return;
  percent[of].add(100 * share);
  saturated.add(share < mostInUse ? 0 : 1, { of });
};
