import { expect, test } from 'vitest';
import { eventually } from '../../testbed/fixtures/running.ts';
import { anyK6 } from '../k6.ts';
import { controlDrills } from './drill-switches.ts';
import { eachOnSharedTestbed } from './each-on-shared-testbed.ts';
import { expectGreen, expectRed } from './green-and-red.ts';
import type { Shorter } from './shorten.ts';

/** The drills about what the control loop does over time, whole: repairs, and deployments. Green, and red by a switch. */
const k6 = await anyK6();
const canary = ['canary-percent=10', 'canary-for-ms=6000', 'canary-answers=50'];
const testbed = eachOnSharedTestbed(k6, ['forget-tries-after-ms=1000', ...canary], deploymentIsOver);

test.skipIf(k6 === null).each(controlDrills)(
  '%s: green',
  async (name, shorter) => {
    await expectGreen(testbed(), name, await withVersions(shorter));
  },
  120_000,
);

test.skipIf(k6 === null).each(controlDrills)(
  '%s: red',
  async (name, shorter, red) => {
    const shortest = await withVersions({ ...shorter, ...red.shorter });
    await expectRed(testbed(), [name, shorter, { ...red, shorter: shortest }]);
  },
  120_000,
);

test.skipIf(k6 === null)('a version whose database does not work gets no traffic', async () => {
  testbed().set('new-version-broken=database');
  const { BLUE: blue } = await nextVersions();
  const versions = new Set<string>();
  expect((await deploy('broken')).status).toBe(202);
  expect((await deploy('another')).status).toBe(409);
  await eventually('it was refused', async () => {
    versions.add(await version());
    return (await release()).phase === 'refused';
  });
  expect(await release()).toMatchObject({
    smoke: { health: 'good', endpoints: 'good', database: 'failed' },
    unsmoked: 0,
    reason: 'before it got traffic: database',
  });
  expect([...versions]).toEqual([blue]);
});

test.skipIf(k6 === null)('a version that takes more than twice as long is rolled back, too', async () => {
  testbed().set('new-version-slow-ms=100');
  const { GREEN } = await nextVersions();
  expect((await deploy(GREEN)).status).toBe(202);
  await deploymentIsOver();
  expect(await release()).toMatchObject({
    phase: 'rolled back',
    reason: expect.stringMatching(/^it takes \d+\.\d times as long$/),
  });
});

/** The version that is there now, and one that never was: drills deploy one after the other here. */
async function nextVersions() {
  const BLUE = await version();
  deployed += 1;
  const GREEN = `next-${deployed}`;
  return { BLUE, GREEN, DEPLOY_BODY: JSON.stringify({ version: GREEN }) };
}
let deployed = 0;

async function withVersions(shorter: Shorter): Promise<Shorter> {
  const { vars } = shorter;
  const watch = { ...vars?.['deployment-watch'], ...(await nextVersions()) };
  return { ...shorter, vars: { ...vars, 'deployment-watch': watch } };
}

async function version(): Promise<string> {
  const response = await fetch(`${testbed().origin('edge')}/health`);
  await response.text();
  return response.headers.get('x-version') ?? '';
}

function deploy(version: string): Promise<Response> {
  return fetch(`${testbed().origin('control')}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ version }),
  });
}

async function release(): Promise<{ readonly phase: string }> {
  const { release } = (await (await fetch(`${testbed().origin('control')}/status`)).json()) as {
    release: { phase: string };
  };
  return release;
}

/** A canary only goes on, or back, when it is used. */
async function deploymentIsOver(): Promise<void> {
  await eventually('no version is on its way', async () => {
    await Promise.all(Array.from({ length: 40 }, version));
    return ['none', 'complete', 'refused', 'rolled back'].includes((await release()).phase);
  });
}
