import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { waitUntil } from '../../chaos/wait-until.ts';
import { cpuPressureMs, cpuShares, cpuTimes, nicedTicks, processTimes, threadTimes } from './kernel.ts';

const isLinux = process.platform === 'linux';

test('shares of the processors come from the difference of two readings of /proc/stat', () => {
  const before = cpuTimes('cpu  100 0 50 800 40 0 0 10 0 0\ncpu0 1 1 1 1\n');
  const after = cpuTimes('cpu  160 0 70 890 40 0 0 40 7 0\ncpu0 1 1 1 1\n');
  expect(before).toEqual({ totalTicks: 1000, busyTicks: 160, stealTicks: 10 });
  expect(cpuShares(before, after)).toEqual({ busy: 0.55, steal: 0.15 });
});

test('what the kernel does not say is not known, which is not zero', () => {
  expect(cpuTimes('')).toBeNull();
  expect(cpuPressureMs('')).toBeNull();
  const reading = { totalTicks: 5, busyTicks: 1, stealTicks: 0 };
  expect(cpuShares(reading, reading)).toBeNull();
  expect(cpuShares(null, reading)).toBeNull();
});

test('pressure is the total of `some`, in milliseconds', () => {
  const text = 'some avg10=1.00 avg60=0.00 avg300=0.00 total=223109\nfull avg10=0.00 total=7\n';
  expect(cpuPressureMs(text)).toBe(223.109);
});

test.runIf(isLinux)(
  'a process that a signal has stopped is seen to be stopped, and one that is gone is neither',
  async () => {
    const child = spawn('sleep', ['60']);
    const pid = child.pid as number;
    const isStopped = () => processTimes(pid)?.isStopped ?? null;
    const becomes = (wanted: boolean | null) =>
      waitUntil(() => (isStopped() === wanted ? true : undefined), {
        signal: AbortSignal.timeout(10_000),
        everyMs: 2,
        otherwise: () => `${isStopped()}`,
      });
    expect(isStopped()).toBe(false);
    child.kill('SIGSTOP');
    await becomes(true);
    child.kill('SIGKILL');
    await becomes(null);
  },
);

test.runIf(isLinux)('the threads of this process have run', () => {
  const times = [...threadTimes(process.pid).values()];
  expect(times.length).toBeGreaterThan(1);
  expect(Math.max(...times.map(({ ranMs }) => ranMs))).toBeGreaterThan(0);
  expect(threadTimes(0).size).toBe(0);
});

test('work of a low priority is the second number of the first line', () => {
  expect(nicedTicks('cpu  100 200 300 400\ncpu0 1 2 3 4\n')).toBe(200);
  expect(nicedTicks('')).toBeNull();
});
