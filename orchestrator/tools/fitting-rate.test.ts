import { expect, test } from 'vitest';
import { type Capacity, fittingRate } from './fitting-rate.ts';

/** Two idle processors of the speed that the costs refer to. */
const idle: Capacity = {
  cpus: 2,
  busyShare: 0,
  stealShare: 0,
  lateP99Ms: 1.2,
  exchangeMicros: 60,
  nicedShare: 0,
  diskMs: 3,
};

test.each<[string, Partial<Capacity>, number | null]>([
  ['nothing else runs', {}, 1_000],
  ['a little runs', { busyShare: 0.09 }, 1_000],
  ['half of a processor is in use', { busyShare: 0.25 }, 500],
  ['one of two processors is in use', { busyShare: 0.5 }, 500],
  ['little is left', { busyShare: 0.7 }, 250],
  ['next to nothing is left', { busyShare: 0.75 }, null],
  ['all of it is in use by work that gives way', { busyShare: 1, nicedShare: 0.95 }, 1_000],
  ['one processor', { cpus: 1 }, 500],
  ['eight slow processors', { cpus: 8, exchangeMicros: 210 }, 1_000],
  ['two slow processors', { exchangeMicros: 210 }, 250],
  ['timers are late', { lateP99Ms: 11 }, 500],
  ['timers are very late', { lateP99Ms: 21 }, 250],
  ['timers cannot be relied on', { lateP99Ms: 41 }, null],
  ['the disk is busy', { diskMs: 125 }, 1_000],
  ['the disk is too slow', { diskMs: 126 }, null],
  ['the kernel does not say how busy it is', { busyShare: null, stealShare: null }, 1_000],
  ['nothing could be measured', { exchangeMicros: Number.POSITIVE_INFINITY }, null],
])('when %s', (_, what, rate) => {
  expect(fittingRate({ ...idle, ...what }).rate).toBe(rate);
});

test('the sentence has the figures that decided', () => {
  expect(fittingRate(idle).why).toBe(
    '2 processors, 2.0 free, timers 1 ms late (p99): 1000 requests a second (they take 1.2)',
  );
  expect(fittingRate({ ...idle, cpus: 1, busyShare: 0.8, stealShare: 0.3 }).why).toBe(
    '1 processor, 0.2 free, 30 % taken by the hypervisor, timers 1 ms late (p99): even 250 requests a second (0.4 processors, with room) are too many',
  );
});
