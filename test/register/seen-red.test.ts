import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadRegister } from '../../chaos/definitions/load-register.ts';
import { packageRoot } from '../../chaos/package-root.ts';
import type { RegisterMeasure } from '../../chaos/schema/register.ts';
import { measureText } from '../../orchestrator/promises/measure.ts';
import { askedAlone, controlDrills, onCluster, shippedDrills } from '../drill/drill-switches.ts';
import { short } from '../load/short.ts';
import { statesOf } from './resolve.ts';

/**
 * What measures the promises is run by the test command, and a switch shows that it can fail. Of scenarios, red-switches.test.ts holds
 * that each objective is turned red.
 */
const own = await loadRegister(path.join(packageRoot(), 'thresholds', 'register.yaml'));
const states = statesOf(own.value);
const whole = new Map([...shippedDrills, ...controlDrills].map(([name, , { broken }]) => [name, broken]));
const control = readFileSync(path.join(packageRoot(), 'testbed/control-plane.testbed.test.ts'), 'utf8');

/** As shared-testbed.ts names what is broken. */
function nameOf({ objective, probe, expectation }: RegisterMeasure): string {
  return objective ?? probe ?? expectation?.replace('.', ': ') ?? 'writes';
}

function isRun(measure: RegisterMeasure): boolean {
  const { drill = '', scenario, probe } = measure;
  if (scenario !== undefined) return scenario in short;
  if (askedAlone.includes(drill)) return probe !== undefined && control.includes(`'${probe}'`);
  return measure.drill === undefined || whole.has(drill) || onCluster.includes(drill);
}

function isSeenRed(measure: RegisterMeasure): boolean {
  const { drill = '', probe = '' } = measure;
  if (measure.drill === undefined) return true;
  // `probe: 'FAIL…`, `seen['probe']).toMatch(/^FAIL…`
  if (askedAlone.includes(drill))
    return new RegExp(`\\b${probe}'?\\]?(:|\\)\\.to\\w+\\().*FAIL`).test(control);
  return whole.get(drill)?.includes(nameOf(measure)) === true;
}

test('each promise is measured by something that the test command runs', () => {
  const never = states.flatMap(({ name, by }) =>
    by.length > 0 && !by.some(isRun) ? [`${name}: ${by.map(measureText).join('; ')}`] : [],
  );
  expect(never).toEqual([]);
});

/** No test turns these red. Who adds a switch takes its row out; who adds a promise gives it a switch, or a reason here. */
const neverRed: Readonly<Record<string, string>> = {
  'vocal.reconnect, back':
    'singers try again twice a second, and no switch makes the coach slow to take them',
  'vocal.reconnect, gap': 'longer than 10 s',
  'cascading-failure, isolated': 'who waits for the service that hangs outlasts a fault of 4 s',
  'cascading-failure, gateway': 'no switch yet',
  'cascading-failure, browsing': 'no switch yet',
  'cascading-failure, saving': 'no switch yet',
  'auto-recovery, recovery': 'longer than 10 s',
  'stable-after, throughput': 'at 300 requests a second, which the machine decides',
  'stable-after, saturation': 'a busy machine hides how busy a gateway is',
  'pod.recovery': 'on a cluster',
  'rds.failover, recovery': 'longer than 30 s',
  'redis.failover, recovery': 'longer than 30 s',
  'redis.failover, sessions-lost': 'turned red in the scenario: test/load/broken-spike.ts',
  'partition.cross-cloud, recovers': 'longer than 15 s',
  'partition.cross-cloud, waiting': 'longer than 2 s, of a cut of 4 s',
  'kubernetes.deploy': 'on a cluster',
  'kubernetes.hpa, out': 'on a cluster',
  'kubernetes.hpa, before': 'on a cluster',
  'kubernetes.hpa, after': 'on a cluster',
};

test('each promise that is measured was seen broken, or it says here why not', () => {
  const measured = states.filter(({ by }) => by.length > 0);
  expect(measured.filter(({ by }) => !by.some(isSeenRed)).map(({ name }) => name)).toEqual(
    Object.keys(neverRed),
  );
});
