import { expect, test } from 'vitest';
import { runStarted } from '../../test/run-started.ts';
import type { JournalLine, MachineEvent } from '../journal/events.ts';
import type { Stall } from '../machine/reading.ts';
import { lostTimeIn, machineIn, shortageIn } from './machine.ts';

const ZERO = Date.UTC(2026, 4, 4, 12, 0, 0);
const at = (ms: number) => new Date(ZERO + ms).toISOString();
const stopped = (from: number, to: number): Stall => ({
  from: ZERO + from,
  to: ZERO + to,
  lostMs: to - from,
  cause: 'stopped',
});

function lines(stalls: readonly (readonly Stall[])[], more: Partial<MachineEvent> = {}): JournalLine[] {
  return stalls.map((own, i) => ({
    seq: i,
    at: ZERO + i * 1000,
    prev: '',
    hash: '',
    event: {
      type: 'machine',
      second: ZERO / 1000 + i,
      lateMaxMs: i,
      stalls: own,
      busy: 0.5,
      steal: null,
      pressure: 0.1,
      k6Cpus: [null, 0.3, 0][i] ?? 0.3,
      k6WaitMs: 1,
      vus: i,
      ...more,
    },
  }));
}

const machineOf = (journal: readonly JournalLine[]) =>
  machineIn(journal, runStarted(), lostTimeIn(journal)).machine;

test('what the journal says by the second is summed up for the report', () => {
  expect(machineOf(lines([[], [stopped(1200, 2000)], [stopped(2000, 2700)]]))).toEqual({
    cpus: 1,
    hostsTarget: null,
    watchedSeconds: 3,
    lateMaxMs: 2,
    standstills: [{ from: at(1200), to: at(2700), lostMs: 1500, cause: 'stopped' }],
    standstillCount: 1,
    stoodStillMs: 1500,
    unable: [{ from: at(1000), to: at(3000) }],
    busyShare: 0.5,
    stealShare: null,
    pressureShare: 0.1,
    k6Cpus: 0.3,
    vusMax: 2,
  });
});

test('a second that lost little was able to measure', () => {
  expect(machineOf(lines([[stopped(100, 199)], [stopped(1900, 2060)], []]))?.unable).toEqual([
    { from: at(1000), to: at(2000) },
  ]);
});

test('of many standstills the longest are listed, and all are counted', () => {
  const many = Array.from({ length: 30 }, (_, i) => stopped(i * 1000, i * 1000 + 100 + i));
  const machine = machineOf(lines([many]));
  expect(machine?.standstillCount).toBe(30);
  expect(machine?.standstills).toHaveLength(20);
  expect(machine?.standstills[0]?.lostMs).toBe(110);
});

test('a journal of an older squall has no machine', () => {
  expect(machineIn([], runStarted(), null)).toEqual({});
});

test('a machine that is full may be short of processors for a target that runs on it', () => {
  const started = runStarted();
  const shared = { ...started, machine: { ...started.machine, hostsTarget: true } };
  const phase = { from: ZERO, to: ZERO + 2500 };
  const full = lines([[], [], []], { busy: 0.96 });
  expect(shortageIn(full, shared, phase)).toBe(0.96);
  expect(
    shortageIn(full, { ...shared, machine: { ...shared.machine, hostsTarget: false } }, phase),
  ).toBeNull();
  expect(shortageIn(full, started, phase)).toBeNull();
  expect(shortageIn(full, shared, null)).toBeNull();
  expect(shortageIn(lines([[], [], []], { busy: 0.8 }), shared, phase)).toBeNull();
  expect(shortageIn(lines([[], [], []], { busy: null }), shared, phase)).toBeNull();
  // The third second is not over when the phase is.
  const then = [...full.slice(0, 2), ...lines([[], [], []], { busy: 0.1 }).slice(2)];
  expect(shortageIn(then, shared, phase)).toBe(0.96);
});
