import { expect, test } from 'vitest';
import { measureMachine } from './machine.ts';

test('a machine is watched for as long as was asked, and its timers were late by something', async () => {
  const began = performance.now();
  const measured = await measureMachine({ forMs: 100 });
  expect(performance.now() - began).toBeGreaterThanOrEqual(100);
  expect(measured.cpus).toBeGreaterThanOrEqual(1);
  expect(measured.lateMaxMs).toBeGreaterThanOrEqual(measured.lateP99Ms);
  expect(measured.lateP99Ms).toBeGreaterThan(0);
});

test('whoever keeps the thread busy while it is measured makes the timers late', async () => {
  const measuring = measureMachine({ forMs: 100 });
  const until = performance.now() + 150;
  while (performance.now() < until);
  expect((await measuring).lateMaxMs).toBeGreaterThan(100);
});
