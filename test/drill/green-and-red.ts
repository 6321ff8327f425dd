import { expect } from 'vitest';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { keepVerdict } from '../kept-runs.ts';
import { type DrillCase, NEEDS } from './drill-switches.ts';
import type { SharedTestbed } from './shared-testbed.ts';
import { type Shorter, shorten } from './shorten.ts';

/** Within so long the testbed's control loop, which runs twice a second, has long noticed. */
const NOTICED_MS = 12_000;

/**
 * Runs the drill against the testbed as it is. It has to PASS, with evidence of each fault; what is only `measured` may be missed. `shorter`
 * left out: as it is shipped. The run is kept for the register.
 */
export async function expectGreen(
  testbed: SharedTestbed,
  name: string,
  shorter?: Shorter,
  needs: readonly string[] = NEEDS[name] ?? [],
): Promise<Verdict> {
  testbed.set(...needs);
  const measured = shorter?.measured ?? [];
  const { verdict, exitCode, told, broken, directory } = await testbed.drill({
    name,
    shorten: (drill) => (shorter === undefined ? drill : shorten(drill, shorter)),
    keep: measured,
  });
  expect(
    broken.filter((one) => !measured.includes(one)),
    told,
  ).toEqual([]);
  expect(invalidOf(verdict), told).toEqual([]);
  expect(verdict.verdict, told).toBe(broken.length === 0 ? 'PASS' : 'FAIL');
  expect(exitCode).toBe(broken.length === 0 ? 0 : 1);
  for (const fault of verdict.faults) expect(fault.legs?.in.length, fault.name).toBeGreaterThan(0);
  keepVerdict(name, directory);
  return verdict;
}

/** Runs the drill against a testbed that is broken by its switch. It has to FAIL by what the switch breaks. */
export async function expectRed(testbed: SharedTestbed, [name, shorter, red]: DrillCase): Promise<void> {
  testbed.set(...(red.set ?? []));
  if (red.restart !== undefined) await testbed.restart(red.restart);
  testbed.set(...(red.set ?? []), ...(red.afterRestart ?? []));
  const { verdict, exitCode, told, broken } = await testbed.drill({
    name,
    shorten: (drill) => shorten(drill, { withinMs: NOTICED_MS, ...shorter, ...red.shorter }),
    ...(red.keep ? { keep: red.keep } : {}),
    ...(red.whenIn ? { whenIn: red.whenIn } : {}),
  });
  testbed.set();
  if (red.restart !== undefined) await testbed.restart(red.restart);
  expect(verdict.verdict, told).toBe('FAIL');
  expect(broken, told).toEqual(expect.arrayContaining([...red.broken]));
  expect(exitCode).toBe(1);
}

/** The names of what the run proves nothing about. */
export function invalidOf({ objectives, faults, probes, writes }: Verdict): string[] {
  const all = [
    ...objectives,
    ...faults,
    ...probes,
    ...(writes === null ? [] : [{ ...writes, name: 'writes' }]),
  ];
  return all.filter(({ result }) => result === 'INVALID').map(({ name }) => name);
}
