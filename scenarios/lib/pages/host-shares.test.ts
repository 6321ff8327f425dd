import { expect, test } from 'vitest';
import { busyShare, cpuSeconds, fullestDisk, memoryShare } from './host-shares.ts';

const cpu = (idle: number, user: number): string =>
  ['0', '1']
    .flatMap((n) => [
      `node_cpu_seconds_total{cpu="${n}",mode="idle"} ${idle}`,
      `node_cpu_seconds_total{cpu="${n}",mode="user"} ${user}`,
    ])
    .join('\n');

const disk = (mountpoint: string, fstype: string, size: number, free: number, readOnly = 0): string => {
  const labels = `{device="d",fstype="${fstype}",mountpoint="${mountpoint}"}`;
  return `node_filesystem_size_bytes${labels} ${size}
node_filesystem_avail_bytes${labels} ${free}
node_filesystem_free_bytes${labels} ${free + 100}
node_filesystem_readonly${labels} ${readOnly}
`;
};

test('all processors together are busy for the time between two readings that they were not idle', () => {
  const first = cpuSeconds(cpu(100, 50));
  const last = cpuSeconds(cpu(103, 51));
  expect(first).toEqual({ idle: 200, all: 300 });
  expect(first && last && busyShare(first, last)).toBe(0.25);
});

test('no time between two readings, a restarted machine, and a page without modes say nothing', () => {
  expect(busyShare({ idle: 1, all: 2 }, { idle: 1, all: 2 })).toBeNull();
  expect(busyShare({ idle: 10, all: 20 }, { idle: 1, all: 2 })).toBeNull();
  expect(cpuSeconds('')).toBeNull();
  expect(cpuSeconds('node_cpu_seconds_total{cpu="0",mode="idle"} 5\n')).toBeNull();
});

test('cached memory counts as available', () => {
  const page = `node_memory_MemTotal_bytes 8e+09
node_memory_MemFree_bytes 1e+09
node_memory_MemAvailable_bytes 6e+09
`;
  expect(memoryShare(page)).toBe(0.25);
  expect(memoryShare('node_memory_MemTotal_bytes 8e+09\n')).toBeNull();
});

test('the fullest disk is found, and file systems that cannot fill up are left out', () => {
  const page = [
    disk('/', 'ext4', 1_000, 500),
    disk('/data', 'xfs', 1_000, 250),
    disk('/run', 'tmpfs', 1_000, 0),
    disk('/snap/core', 'squashfs', 1_000, 0),
    disk('/media', 'ext4', 1_000, 0, 1),
    disk('/sys', 'sysfs', 0, 0),
  ].join('');
  expect(fullestDisk(page)).toEqual({ mountpoint: '/data', share: 0.75 });
  expect(fullestDisk(disk('/run', 'tmpfs', 1_000, 0))).toBeNull();
});
