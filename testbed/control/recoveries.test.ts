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

test('being healthy is not a recovery if nothing was tried', async () => {
  recoveries.well('gateway-1');
  expect(await counted()).toEqual({ succeeded: 0, failed: 0, escalations: 0 });
});

test('a recovery for which a person was called has failed, even if the process is healthy later', async () => {
  recoveries.begin('gateway-1');
  recoveries.escalated('gateway-1');
  recoveries.well('gateway-1');
  expect(await counted()).toEqual({ succeeded: 0, failed: 1, escalations: 1 });
});

test('a recovery that takes more than 5 minutes from its first try has failed, without calling a person', async () => {
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
