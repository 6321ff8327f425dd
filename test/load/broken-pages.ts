import type { PageOf } from './page-server.ts';

/** What a scenario reports for a page of metrics that is not the testbed's. */
export interface MadeUpPage {
  readonly title: string;
  readonly page: PageOf;
  /** Exactly these objectives turn red. */
  readonly red: readonly string[];
  readonly invalid?: readonly string[];
  readonly notMeasured?: readonly string[];
  readonly vars?: Readonly<Record<string, string>>;
}

const controlPage = (succeeded: number, failed: number, escalations: number): string =>
  `control_recoveries_total{outcome="succeeded"} ${succeeded}
control_recoveries_total{outcome="failed"} ${failed}
control_escalations_total ${escalations}
`;

/** The counts before the run, which do not count, and those from the second reading on. */
const control =
  (succeeded: number, failed: number, escalations: number): PageOf =>
  (nth) =>
    nth === 1 ? controlPage(100, 50, 20) : controlPage(100 + succeeded, 50 + failed, 20 + escalations);

const controlRows = ['soak.recovery-rate', 'soak.escalations', 'soak.human-interventions'];

/** No switch makes the testbed escalate ten times in a short run; testbed/healing.testbed.test.ts tests its control loop. */
export const controlPages: readonly MadeUpPage[] = [
  { title: '20 recoveries, all succeeded', page: control(20, 0, 0), red: [] },
  { title: '1 recovery of 20 failed', page: control(19, 1, 0), red: ['soak.recovery-rate'] },
  { title: '1 recovery of 21 failed', page: control(20, 1, 0), red: [] },
  { title: '9 escalations', page: control(300, 9, 9), red: ['soak.human-interventions'] },
  {
    title: '10 escalations',
    page: control(300, 10, 10),
    red: ['soak.escalations', 'soak.human-interventions'],
  },
  {
    title: 'nothing to recover from',
    page: control(0, 0, 0),
    red: [],
    notMeasured: ['soak.recovery-rate'],
  },
  {
    title: 'a page that is gone when the run is over',
    page: (nth) => (nth <= 5 ? controlPage(1, 0, 0) : null),
    red: [],
    invalid: controlRows,
  },
];

/** In node_exporter's format; the processors' counters are those after `seconds` with this share busy. */
const hostPage = (busy: number, memory: number, disk: number, seconds: number): string =>
  `node_cpu_seconds_total{cpu="0",mode="idle"} ${1_000 + seconds * (1 - busy)}
node_cpu_seconds_total{cpu="0",mode="user"} ${9_000 + seconds * busy}
node_memory_MemTotal_bytes 1e+10
node_memory_MemAvailable_bytes ${1e10 * (1 - memory)}
node_filesystem_size_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 1e+11
node_filesystem_avail_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} ${1e11 * (1 - disk)}
node_filesystem_size_bytes{device="tmpfs",fstype="tmpfs",mountpoint="/run"} 1e+09
node_filesystem_avail_bytes{device="tmpfs",fstype="tmpfs",mountpoint="/run"} 0
`;

/** The time before the run, nine tenths of it busy, is not judged. */
const host =
  (busy: number, memory: number, disk: number): PageOf =>
  (nth) =>
    hostPage(busy, memory, disk, nth);

const hostRows = ['saturation.cpu', 'saturation.memory', 'saturation.disk', 'saturation.peak-cpu'];

export const hostPages: readonly MadeUpPage[] = [
  { title: 'all three at 79 %', page: host(0.79, 0.79, 0.79), red: [] },
  {
    title: 'processors at 80.1 %',
    page: host(0.801, 0.5, 0.5),
    red: ['saturation.cpu', 'saturation.peak-cpu'],
  },
  { title: 'memory at 80.1 %', page: host(0.5, 0.801, 0.5), red: ['saturation.memory'] },
  { title: 'a disk at 80.1 %', page: host(0.5, 0.5, 0.801), red: ['saturation.disk'] },
  { title: 'a page of something else', page: () => controlPage(0, 0, 0), red: [], invalid: hostRows },
  {
    title: 'a machine that stops telling of itself halfway',
    page: (nth) => (nth <= 5 ? host(0.5, 0.5, 0.5)(nth) : null),
    red: [],
    invalid: hostRows,
    vars: { SAMPLE_EVERY: '100ms' },
  },
];
