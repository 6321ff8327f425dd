import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createHttpClient } from '../orchestrator/observe/http-client.ts';
import { anyK6 } from '../test/k6.ts';
import { buildForTest, runBundle, withResult } from '../test/load/run-bundle.ts';
import { askProbes } from './fixtures/ask-probes.ts';
import { eventually, type Running, startTestbed } from './fixtures/running.ts';

/** The load and the probes of drills/rollback.yaml and drills/new-version.yaml, in seconds instead of minutes. */
const k6 = await anyK6();
const bundles = await buildForTest();
const http = createHttpClient();
let testbed: Running;
beforeAll(async () => {
  testbed = await startTestbed('canary-percent=10', 'canary-for-ms=3000', 'canary-answers=50');
});
afterEach(async () => {
  await testbed.only();
  await testbed.becomesHealthy();
});
afterAll(async () => {
  bundles.remove();
  await http.close();
  await testbed?.end();
});

const release = async () => (await testbed.call(`${testbed.origin('control')}/status`)).json.release;
const deploy = (version: string) =>
  testbed.call(`${testbed.origin('control')}/deployments`, { body: { version } });
const ended = (phase: string) =>
  eventually(`a deployment is ${phase}`, async () => (await release()).phase === phase);

/** The load starts the deployment itself. */
function watch(blue: string, green: string, vars: Record<string, string>) {
  return runBundle({
    k6: k6?.path ?? '',
    script: bundles.bundle('deployment-watch'),
    vars: {
      BASE_URL: testbed.url,
      BLUE: blue,
      GREEN: green,
      RATE: 20,
      VUS: 100,
      COMPARE_RATE: 180,
      MIN_SAMPLES: 1,
      DEPLOY_URL: `${testbed.origin('control')}/deployments`,
      DEPLOY_BODY: JSON.stringify({ version: green }),
      DEPLOY_AFTER: '500ms',
      ...vars,
    },
  });
}

/** What is meant to hold of a change of versions, apart from how fast this machine is. */
const ABOUT =
  /^(deployment\.evidence|rolling-update\.|canary\.(share|extra)|post-deploy\.errors|automatic-rollback\.)/;
const about = (run: Awaited<ReturnType<typeof watch>>, result: 'PASS' | 'FAIL' | 'INVALID') =>
  withResult(run, result).filter((name) => ABOUT.test(name));

const SMOKE = ['smoke-health', 'smoke-endpoints', 'smoke-database', 'no-traffic-before'];
const all = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'PASS']));

test.skipIf(k6 === null)('a new version is looked at, has a tenth of the load, and takes over', async () => {
  const probes = [...SMOKE, 'complete'];
  const [run, seen] = await Promise.all([
    watch('v1', 'v2', { DURATION: '20s', CANARY_FOR: '3s', POST_DEPLOY_FOR: '2s' }),
    askProbes({ testbed, http }, 'new-version', probes, () => ended('complete')),
  ]);
  expect(about(run, 'FAIL').concat(about(run, 'INVALID')), run.stdout).toEqual([]);
  expect(about(run, 'PASS')).toHaveLength(6);
  expect(seen).toEqual(all(probes));
});

test.skipIf(k6 === null)('a version with 2 % errors is rolled back, and then no request fails', async () => {
  // Slower, too, but not by as much as counts.
  await testbed.only('new-version-fails=50', 'new-version-slow-ms=1');
  const probes = ['rolled-back', 'old-again'];
  const act = () => ended('canary');
  const [run, seen] = await Promise.all([
    watch('v2', 'bad', { DURATION: '22s', ROLLBACK_WITHIN: '5min', ALONE_FOR: '3s' }),
    askProbes({ testbed, http }, 'rollback', probes, act),
  ]);
  expect(about(run, 'PASS'), run.stdout).toEqual([
    'deployment.evidence',
    'automatic-rollback.late',
    'automatic-rollback.failed-after',
  ]);
  expect(seen).toEqual(all(probes));
  expect(await testbed.alert({ alertname: 'BadVersion' })).toMatchObject({
    annotations: { summary: expect.stringMatching(/^bad: [12]\.\d % of its answers fail$/) },
  });
});

test.skipIf(k6 === null)(
  'a bad version that stays is found out, and so is one that nobody looked at',
  async () => {
    await testbed.only(
      'new-version-fails=50',
      'never-roll-back=true',
      'skip-smoke=true',
      'canary-for-ms=60000',
    );
    // They have to be waited for to the end.
    const soon = { testbed, http, scale: 0.02 };
    const [run, rolledBack, looked] = await Promise.all([
      watch('v2', 'worse', { DURATION: '15s', ROLLBACK_WITHIN: '1s', ALONE_FOR: '3s' }),
      askProbes(soon, 'rollback', ['rolled-back', 'old-again'], () => ended('canary')),
      askProbes(soon, 'new-version', SMOKE, () => ended('canary')),
    ]);
    expect(about(run, 'FAIL'), run.stdout).toEqual(['automatic-rollback.late']);
    expect(rolledBack).toEqual({
      'rolled-back': 'FAIL: not within its time: 0',
      'old-again': expect.stringMatching(/^FAIL: not within its time: "?canary/),
    });
    for (const name of SMOKE.slice(0, 3))
      expect(looked[name], name).toMatch(/^FAIL: not within its time: "?not looked at/);
    expect(looked['no-traffic-before']).toMatch(/^FAIL: it did not hold: [1-9]/);
    await testbed.only('new-version-fails=50', 'canary-for-ms=60000');
    await eventually('it is rolled back', async () => {
      await testbed.call('/health');
      return (await release()).phase === 'rolled back';
    });
  },
);

test('a version whose database does not work gets no traffic', async () => {
  await testbed.only('new-version-broken=database');
  const versions = new Set<string | null>();
  expect((await deploy('broken')).status).toBe(202);
  expect((await deploy('another')).status).toBe(409);
  await eventually('it was refused', async () => {
    versions.add((await testbed.call('/health')).headers.get('x-version'));
    return (await release()).phase === 'refused';
  });
  expect(await release()).toMatchObject({
    smoke: { health: 'good', endpoints: 'good', database: 'failed' },
    unsmoked: 0,
    reason: 'before it got traffic: database',
  });
  expect([...versions]).toEqual(['v2']);
});
