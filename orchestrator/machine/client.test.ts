import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, expect, test, vi } from 'vitest';
import { identify, isAlive } from '../../chaos/process-identity.ts';
import { waitUntil } from '../../chaos/wait-until.ts';
import { type MachineWatch, watchMachine } from './client.ts';
import { processTimes } from './kernel.ts';
import type { MachineSecond, Stall } from './reading.ts';

// Each test starts processes of its own: on a busy machine they take their time.
vi.setConfig({ testTimeout: 30_000 });
const isLinux = process.platform === 'linux';

const children: ChildProcess[] = [];
let watch: MachineWatch | undefined;
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await watch?.close();
});

function start() {
  const seconds: MachineSecond[] = [];
  const lost = vi.fn();
  watch = watchMachine({ onSecond: (second) => seconds.push(second), onLost: lost });
  return { watch, seconds, lost, stalls: () => seconds.flatMap(({ stalls }) => stalls) };
}

const eventually = <T>(what: string, look: () => T | undefined) =>
  waitUntil(look, { signal: AbortSignal.timeout(20_000), everyMs: 10, otherwise: () => what });

const total = (stalls: readonly Stall[], cause: Stall['cause']) =>
  stalls.filter((one) => one.cause === cause).reduce((sum, { lostMs }) => sum + lostMs, 0);

test('each second of the machine arrives once, and the last one when the watch is closed', async () => {
  const { watch: own, seconds, lost } = start();
  await eventually('no two seconds', () => (seconds.length >= 2 ? true : undefined));
  const before = seconds.length;
  await own.close();
  expect(seconds.length).toBeGreaterThan(before);
  const numbers = seconds.map(({ second }) => second);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(seconds[0]).toMatchObject({ k6Cpus: null, k6WaitMs: null });
  if (isLinux) expect(seconds[0]?.busy).toBeGreaterThan(0);
  expect(lost).not.toHaveBeenCalled();
});

test.runIf(isLinux)(
  'a load that is stopped is seen, from when it was stopped to when it went on',
  async () => {
    const { watch: own, seconds, stalls } = start();
    const child = busy();
    own.watch({ load: [child.pid as number], carriers: [] });
    await eventually('it is not watched', () => seconds.find(({ k6Cpus }) => k6Cpus !== null));
    child.kill('SIGSTOP');
    const from = await eventually('it is not stopped', () =>
      processTimes(child.pid as number)?.isStopped ? Date.now() : undefined,
    );
    await eventually('it was not seen to be stopped', () =>
      total(stalls(), 'stopped') > 1000 ? true : undefined,
    );
    child.kill('SIGCONT');
    const to = Date.now();
    await own.close();
    const stopped = stalls().filter(({ cause }) => cause === 'stopped');
    expect(stopped[0]?.from).toBeLessThanOrEqual(from);
    expect(stopped.at(-1)?.to).toBeGreaterThanOrEqual(to);
    // Seconds divide it; nothing is missing between them.
    for (const [i, one] of stopped.entries()) if (i > 0) expect(one.from).toBe(stopped[i - 1]?.to);
  },
);

test.runIf(isLinux)(
  'a load and the carrier of its link that have to share one processor are seen to wait',
  async () => {
    const { watch: own, seconds, stalls } = start();
    // Three that want all of one processor: each waits for two thirds of the time.
    const [first, second] = [busyOn(0), busyOn(0), busyOn(0)];
    own.watch({
      load: [first?.pid as number],
      carriers: [{ pid: second?.pid as number, thread: second?.pid as number }],
    });
    await eventually('it was not seen to wait', () =>
      total(stalls(), 'starved') > 200 && total(stalls(), 'link starved') > 200 ? true : undefined,
    );
    await own.close();
    expect(Math.max(...seconds.map(({ k6WaitMs }) => k6WaitMs ?? 0))).toBeGreaterThan(100);
    expect(Math.max(...seconds.map(({ k6Cpus }) => k6Cpus ?? 0))).toBeGreaterThan(0);
  },
);

test('it ends when whoever started it is gone, however that went', async () => {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(parent);
  const pid = await new Promise<number>((resolve) =>
    parent.stdout?.once('data', (text) => resolve(Number(text))),
  );
  const identity = identify(pid);
  if (identity === null) throw new Error('the watch is not there');
  parent.kill('SIGKILL');
  await eventually('it goes on', () => (isAlive(identity) ? undefined : true));
});

test('a watch that dies is said, once', async () => {
  const { watch: own, lost } = start();
  process.kill(own.pid, 'SIGKILL');
  await eventually('it was not said', () => (lost.mock.calls.length > 0 ? true : undefined));
  await own.close();
  expect(lost).toHaveBeenCalledTimes(1);
});

const PARENT = `
  const { watchMachine } = await import(${JSON.stringify(new URL('../../dist/orchestrator/machine/client.js', import.meta.url).href)});
  console.log(watchMachine({ onSecond() {}, onLost() {} }).pid);
  setInterval(() => {}, 1000);
`;

function busy(): ChildProcess {
  const child = spawn('sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' });
  children.push(child);
  return child;
}

function busyOn(cpu: number): ChildProcess {
  const child = spawn('taskset', ['-c', String(cpu), 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' });
  children.push(child);
  return child;
}
