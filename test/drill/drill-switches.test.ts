import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../chaos/package-root.ts';
import type { Drill } from '../../chaos/schema/drill.ts';
import { allDrills, objectivesOf } from '../register/resolve.ts';
import { askedInShort } from './asked-short.ts';
import { askedAlone, controlDrills, onCluster, shippedDrills } from './drill-switches.ts';

const root = packageRoot();
const whole = [...shippedDrills, ...controlDrills];

const shipped = await allDrills();

test('each shipped drill is run by a test, and none is named that does not ship', () => {
  const named = [...whole.map(([name]) => name), ...askedAlone, ...onCluster];
  expect(named.sort()).toEqual([...shipped.keys()].sort());
});

test('each of those that are asked has times to run it whole', () => {
  expect(Object.keys(askedInShort).sort()).toEqual([...askedAlone].sort());
});

test.each([
  ['testbed/control-plane.testbed.test.ts', askedAlone, (name: string) => `ask('${name}'`],
  [
    'test/kubernetes/drills.cluster-drill.test.ts',
    onCluster,
    (name: string) => `testbed/deploy/${name}.yaml`,
  ],
] as const)('%s has those that it is said to have', (file, names, text) => {
  const source = readFileSync(path.join(root, file), 'utf8');
  expect(names.filter((name) => !source.includes(text(name)))).toEqual([]);
});

/** Everything of a drill that can be broken, as shared-testbed.ts names it. */
async function breakable(name: string): Promise<string[]> {
  const drill = shipped.get(name) as Drill;
  return [
    ...(await objectivesOf(drill)).map((one) => one.name),
    ...drill.faults.flatMap((fault) =>
      Object.keys(fault.expect ?? {}).map((what) => `${fault.name}: ${what}`),
    ),
    ...drill.probes.map((probe) => probe.name),
    ...(drill.writes === undefined ? [] : ['writes']),
  ];
}

test.each(whole)('what the switch of %s breaks is in the drill', async (name, _, { broken }) => {
  const all = await breakable(name);
  expect(broken.length).toBeGreaterThan(0);
  expect(broken.filter((one) => !all.includes(one))).toEqual([]);
});
