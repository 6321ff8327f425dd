import { expect, test } from 'vitest';
import { checkRate, rateCheck } from './rate.ts';

const idle = { cpus: 2, busyShare: 0, stealShare: 0, lateP99Ms: 1.1, lateMaxMs: 2, pressureShare: 0 };

test('half of what is free goes to the load', () => {
  expect(rateCheck(idle)).toMatchObject({
    ok: true,
    found:
      'about 2000 requests a second with confidence, half of it if the target runs here, too (reckoned from 2 processors, 0 % busy, timers 1.1 ms late at p99)',
  });
  expect(rateCheck({ ...idle, busyShare: 0.6 }).found).toMatch(/^about 800 requests/);
});

test('a machine that is full, or whose timers are late, is not fit', () => {
  expect(rateCheck({ ...idle, busyShare: 0.97 })).toMatchObject({
    ok: false,
    found: 'no load with confidence now (2 processors, 97 % busy, timers 1.1 ms late at p99)',
  });
  expect(rateCheck({ ...idle, lateP99Ms: 25 })).toMatchObject({ ok: false });
  expect(rateCheck({ ...idle, busyShare: 0.5, stealShare: 0.2 }).found).toContain(
    '20 % taken by the hypervisor',
  );
});

test('where nobody says how busy the machine is, the rate is not known', () => {
  expect(rateCheck({ ...idle, busyShare: null })).toMatchObject({
    ok: true,
    found: expect.stringContaining('not known'),
  });
});

test('it is measured', async () => {
  expect((await checkRate({ forMs: 50 })).name).toBe('rate');
});
