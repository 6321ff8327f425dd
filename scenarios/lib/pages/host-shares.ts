import { readingsOf, readingWith } from './prometheus.ts';

export interface CpuSeconds {
  readonly idle: number;
  /** Seconds in all modes. */
  readonly all: number;
}

/** What node_exporter says about all processors of a machine together; null when it says nothing. */
export const cpuSeconds = (page: string): CpuSeconds | null => {
  const modes = readingsOf(page, 'node_cpu_seconds_total');
  const idle = modes.filter(({ labels }) => labels.mode === 'idle');
  if (idle.length === 0 || idle.length === modes.length) return null;
  return { idle: sum(idle), all: sum(modes) };
};

/** The share of the time between two readings that was not idle; null when no time has passed, or the machine was restarted. */
export const busyShare = (first: CpuSeconds, last: CpuSeconds): number | null => {
  const all = last.all - first.all;
  return all > 0 && last.idle >= first.idle ? 1 - (last.idle - first.idle) / all : null;
};

/** Cached memory is available, so MemAvailable counts, not MemFree. */
export const memoryShare = (page: string): number | null => {
  const available = readingWith(page, 'node_memory_MemAvailable_bytes');
  const total = readingWith(page, 'node_memory_MemTotal_bytes');
  return available === null || total === null || total <= 0 ? null : 1 - available / total;
};

export interface Disk {
  readonly mountpoint: string;
  readonly share: number;
}

/** Of the file systems that can fill up, the one with the least room for users. */
export const fullestDisk = (page: string): Disk | null => {
  const free = byMountpoint(page, 'node_filesystem_avail_bytes');
  const readOnly = byMountpoint(page, 'node_filesystem_readonly');
  let fullest: Disk | null = null;
  for (const { labels, value: size } of readingsOf(page, 'node_filesystem_size_bytes')) {
    const { mountpoint = '', fstype = '' } = labels;
    const available = free.get(mountpoint);
    if (available === undefined || size <= 0 || notDisks.has(fstype) || readOnly.get(mountpoint) === 1)
      continue;
    const share = 1 - available / size;
    if (fullest === null || share > fullest.share) fullest = { mountpoint, share };
  }
  return fullest;
};

/** In memory, virtual, or full from the start like images. */
const notDisks = new Set([
  'tmpfs',
  'devtmpfs',
  'ramfs',
  'rootfs',
  'autofs',
  'efivarfs',
  'fuse.lxcfs',
  'squashfs',
  'erofs',
  'iso9660',
  'udf',
]);

const byMountpoint = (page: string, name: string): Map<string, number> =>
  new Map(readingsOf(page, name).map(({ labels, value }) => [labels.mountpoint ?? '', value]));

const sum = (readings: readonly { readonly value: number }[]): number =>
  readings.reduce((total, { value }) => total + value, 0);
