import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { drillProbe } from '../../probes/index.ts';
import type { ComponentProbe } from '../../schema/drill.ts';
import { environment as anyEnvironment } from '../../schema/environment.ts';
import { component as anyComponent } from '../definitions.ts';
import { type GoogleStandIn, settled, startGoogle } from './fixtures/stand-in.ts';
import { createGoogleProvider } from './provider.ts';

let google: GoogleStandIn;
beforeEach(async () => {
  google = await startGoogle();
});
afterEach(() => google.close());

const provider = createGoogleProvider();
const SERVICE = { cloudRun: { region: 'europe-west3', service: 'gateway' } };
const STARTS = 'run.googleapis.com/container/startup_latencies';
const METRIC = { metric: { type: STARTS, resource: { service_name: 'gateway' }, aligner: 'PERCENTILE_99' } };
const MINUTE_MS = 60_000;

async function ask(probe: object, form: object = SERVICE, since?: number, by = provider) {
  const described = { provider: 'google', ...form };
  const settings = { project: 'music-staging', endpoint: google.endpoint };
  const environment = anyEnvironment.parse({
    name: 'staging',
    google: settings,
    components: { run: described },
  });
  const parsed = drillProbe.parse({
    name: 'p',
    component: 'run',
    within: '3min',
    ...probe,
  }) as ComponentProbe;
  const request = { run: 'r', probe: parsed, component: anyComponent.parse(described), environment };
  return await by.probe?.({ ...request, ...(since !== undefined && { since }) }, AbortSignal.timeout(10_000));
}

describe('(stand-in) a service of Cloud Run', () => {
  test('is rolled out when its newest revision is ready, and nothing is under way', async () => {
    google.service = settled();
    expect((await ask({ kind: 'rollout' }))?.ok).toBe(true);
    expect(google.asked[0]).toBe('/v2/projects/music-staging/locations/europe-west3/services/gateway');
    for (const change of [
      { reconciling: true },
      { observedGeneration: '11' },
      { latestCreatedRevision: 'gateway-00008' },
      { terminalCondition: { state: 'CONDITION_FAILED', message: 'the image is not there' } },
    ]) {
      google.service = { ...settled(), ...change };
      expect(await ask({ kind: 'rollout' }), JSON.stringify(change)).toMatchObject({ ok: false });
    }
    expect((await ask({ kind: 'rollout' }))?.detail).toMatch(/CONDITION_FAILED: the image is not there$/);
  });

  test('sends a share of its requests to a revision', async () => {
    google.service = {
      ...settled('gateway-00008'),
      trafficStatuses: [
        { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION', revision: 'gateway-00007', percent: 90 },
        { type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', percent: 10 },
      ],
    };
    expect(await ask({ kind: 'traffic', from: 8, to: 12 })).toEqual({
      ok: true,
      detail: '10 % to gateway-00008',
    });
    expect((await ask({ kind: 'traffic', revision: 'gateway-00007', to: 89 }))?.ok).toBe(false);
    expect((await ask({ kind: 'traffic', revision: 'gateway-00001', from: 1 }))?.detail).toBe(
      '0 % to gateway-00001',
    );
  });

  test('has instances, of a minute after the start', async () => {
    google.service = settled();
    const type = 'run.googleapis.com/container/instance_count';
    const since = Date.now() - 3 * MINUTE_MS;
    google.series.set(type, [{ endedMsAgo: 150_000, value: { int64Value: '9' } }]);
    expect(await ask({ kind: 'replicas', atLeast: 1 }, SERVICE, since)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('minutes late'),
    });
    google.series.set(type, [
      { endedMsAgo: 100_000, value: { int64Value: '9' } },
      { endedMsAgo: 40_000, value: { int64Value: '5' } },
    ]);
    expect(await ask({ kind: 'replicas', atLeast: 5, atMost: 5 }, SERVICE, since)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^5 instances at /),
    });
    expect(google.asked.at(-1)).toContain(
      'resource.labels.service_name = "gateway" AND resource.labels.location = "europe-west3"',
    );
  });

  test('that is not there, may not be seen or is no service is refused', async () => {
    await expect(ask({ kind: 'rollout' })).rejects.toThrow(/no service gateway in europe-west3/);
    google.failure = {
      status: 403,
      body: JSON.stringify({ error: { message: 'Permission denied', status: 'PERMISSION_DENIED' } }),
    };
    await expect(ask({ kind: 'rollout' })).rejects.toMatchObject({
      message: expect.stringContaining('HTTP 403: Permission denied'),
      fix: expect.stringContaining('run.viewer'),
    });
    google.failure = { status: 200, body: '<html>log in</html>' };
    await expect(ask({ kind: 'rollout' })).rejects.toThrow(/not one of this API: <html>/);
    google.failure = undefined;
    google.service = settled();
    await expect(ask({ kind: 'alarm' })).rejects.toThrow(/answers no probe of kind alarm/);
  });
});

test('(stand-in) the slowest start of an instance is a level of a metric', async () => {
  const since = Date.now() - 3 * MINUTE_MS;
  await expect(ask({ kind: 'level', below: 5_000 }, METRIC)).rejects.toThrow(/no value for an hour/);
  google.series.set(STARTS, [{ endedMsAgo: 30_000, value: { doubleValue: 4_321.5 } }]);
  expect(await ask({ kind: 'level', below: 5_000 }, METRIC, since)).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/^PERCENTILE_99 of .*startup_latencies is 4320 in the time to /),
  });
  expect((await ask({ kind: 'level', below: 4_000 }, METRIC, since))?.ok).toBe(false);
  expect(google.asked.at(-1)).toContain('aggregation.perSeriesAligner=ALIGN_PERCENTILE_99');
  google.series.set(STARTS, [{ endedMsAgo: 150_000, value: { doubleValue: 1 } }]);
  expect((await ask({ kind: 'level', below: 5_000 }, METRIC, since))?.detail).toContain('no value yet');
});

describe('(stand-in) what a project costs', () => {
  const EXPORT = 'music-billing.billing.gcp_billing_export_v1_0A1B2C_3D4E5F_6A7B8C';
  const BUDGET = 'billingAccounts/0A1B2C-3D4E5F-6A7B8C/budgets/b-1';
  const COSTS = { costs: { export: EXPORT, budget: BUDGET } };
  const yesterday = () => new Date(Date.now() - 24 * 60 * MINUTE_MS).toISOString().slice(0, 10);
  // One provider asks for a day's costs once.
  const cost = (probe: object, form: object = COSTS) =>
    ask({ kind: 'cost', ...probe }, form, Date.now(), createGoogleProvider());

  test('yesterday is told by the export of its billing, once', async () => {
    google.spent = '14.2';
    const own = createGoogleProvider();
    const probe = { kind: 'cost', yesterdayBelow: 20 };
    const answer = await ask(probe, COSTS, Date.now(), own);
    expect(answer).toEqual({ ok: true, detail: `${yesterday()} $14.20` });
    expect(await ask(probe, COSTS, Date.now(), own)).toEqual(answer);
    expect(google.queries).toHaveLength(1);
    expect(google.queries[0]).toMatchObject({
      query: expect.stringContaining(`FROM \`${EXPORT}\` WHERE _PARTITIONTIME >= TIMESTAMP(@day)`),
      maximumBytesBilled: '10000000000',
    });
    expect((await cost({ yesterdayBelow: 14 }))?.ok).toBe(false);
  });

  test('a day without a row is not measured, and no $0', async () => {
    await expect(cost({ yesterdayBelow: 20 })).rejects.toThrow(
      /the export has nothing of music-staging on .*: not measured/,
    );
  });

  test('a budget warns in time only if somebody is told', async () => {
    await expect(cost({ alertAt: 80 })).rejects.toThrow(/there is no budget billingAccounts/);
    google.budget = { displayName: 'music', thresholdRules: [{ thresholdPercent: 0.9 }] };
    expect(await cost({ alertAt: 80 })).toEqual({
      ok: false,
      detail: 'music has no alert at 80 % or before',
    });
    google.budget = { displayName: 'music', thresholdRules: [{ thresholdPercent: 0.8 }] };
    expect(await cost({ alertAt: 80 })).toEqual({
      ok: true,
      detail: "music has an alert at 80 % (current spend), the billing account's administrators told",
    });
    google.budget = { ...google.budget, notificationsRule: { disableDefaultIamRecipients: true } };
    expect(await cost({ alertAt: 80 })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/nobody told$/),
    });
  });

  test('what nothing tells is not measured, and it is said why', async () => {
    await expect(cost({ yesterdayBelow: 20 }, { costs: { budget: BUDGET } })).rejects.toThrow(
      /not measured: no API of Google tells it/,
    );
    await expect(cost({ alertAt: 80 }, { costs: { export: EXPORT } })).rejects.toThrow(
      /alertAt needs a budget/,
    );
    await expect(cost({ monthBelow: 500 })).rejects.toThrow(/not measured: Google has no forecast/);
    expect(() => anyComponent.parse({ provider: 'google', costs: {} })).toThrow(
      /an export or a budget alone/,
    );
    expect(() => anyComponent.parse({ provider: 'google', costs: { export: 'a.b.c' } })).toThrow(/no export/);
  });
});
