import { Registry } from 'prom-client';
import { beforeEach, expect, test } from 'vitest';
import { createRecoveries, type Recoveries } from './recoveries.ts';

let registry: Registry;
let recoveries: Recoveries;
let nowMs: number;
beforeEach(() => {
  registry = new Registry();
  nowMs = 0;
  recoveries = createRecoveries(registry, () => nowMs);
});

async function counted() {
  const page = await registry.metrics();
  const value = (name: string) =>
    Number(
      page
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length),
    );
  return {
    succeeded: value('control_recoveries_total{outcome="succeeded"}'),
    failed: value('control_recoveries_total{outcome="failed"}'),
    escalations: value('control_escalations_total'),
  };
}

test('before anything has happened the page says so, with zeros', async () => {
  expect(await counted()).toEqual({ succeeded: 0, failed: 0, escalations: 0 });
});

test('a recovery of several tries is one, and has succeeded when the thing answers', async () => {
  recoveries.begin('gateway-1');
  recoveries.begin('gateway-1');
  expect(await counted()).toEqual({ succeeded: 0, failed: 0, escalations: 0 });
  recoveries.well('gateway-1');
  recoveries.well('gateway-1');
  expect(await counted()).toEqual({ succeeded: 1, failed: 0, escalations: 0 });
});

test('what has never been tried to recover has not been recovered by being well', async () => {
  recoveries.well('gateway-1');
  expect(await counted()).toEqual({ succeeded: 0, failed: 0, escalations: 0 });
});

test('a recovery that a person was called for has failed, also when the thing is well later', async () => {
  recoveries.begin('gateway-1');
  recoveries.escalated('gateway-1');
  recoveries.well('gateway-1');
  expect(await counted()).toEqual({ succeeded: 0, failed: 1, escalations: 1 });
});

test('what is not back within 5 minutes of its first try has failed, without a call for a person', async () => {
  recoveries.begin('gateway-1');
  nowMs = 200_000;
  recoveries.begin('gateway-1');
  nowMs = 300_000;
  recoveries.giveUp();
  expect(await counted()).toEqual({ succeeded: 0, failed: 0, escalations: 0 });
  nowMs = 300_001;
  recoveries.giveUp();
  recoveries.giveUp();
  recoveries.well('gateway-1');
  expect(await counted()).toEqual({ succeeded: 0, failed: 1, escalations: 0 });
});
