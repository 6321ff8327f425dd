import { expect } from 'vitest';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { type DrillCase, NEEDS } from './drill-switches.ts';
import type { SharedTestbed } from './shared-testbed.ts';
import { type Shorter, shorten } from './shorten.ts';

/** Runs the drill against the testbed as it is. It has to PASS, with evidence of each fault. `shorter` left out: as it is shipped. */
export async function expectGreen(testbed: SharedTestbed, name: string, shorter?: Shorter): Promise<Verdict> {
  testbed.set(...(NEEDS[name] ?? []));
  const { verdict, exitCode, told } = await testbed.drill({
    name,
    shorten: (drill) => (shorter === undefined ? drill : shorten(drill, shorter)),
  });
  expect(verdict.verdict, told).toBe('PASS');
  expect(exitCode).toBe(0);
  for (const fault of verdict.faults) expect(fault.legs?.in.length, fault.name).toBeGreaterThan(0);
  return verdict;
}

/** Runs the drill against a testbed that is broken by its switch. It has to FAIL by what the switch breaks. */
export async function expectRed(testbed: SharedTestbed, [name, shorter, red]: DrillCase): Promise<void> {
  testbed.set(...(red.set ?? []));
  if (red.restart !== undefined) await testbed.restart(red.restart);
  testbed.set(...(red.set ?? []), ...(red.afterRestart ?? []));
  const { verdict, exitCode, told, broken } = await testbed.drill({
    name,
    shorten: (drill) => shorten(drill, { ...shorter, ...red.shorter }),
    ...(red.keep ? { keep: red.keep } : {}),
    ...(red.whenIn ? { whenIn: red.whenIn } : {}),
  });
  testbed.set();
  if (red.restart !== undefined) await testbed.restart(red.restart);
  expect(verdict.verdict, told).toBe('FAIL');
  expect(broken, told).toEqual(expect.arrayContaining([...red.broken]));
  expect(exitCode).toBe(1);
}
