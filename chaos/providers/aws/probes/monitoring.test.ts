import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { askProbe } from '../fixtures/ask-probe.ts';
import { type StandIn, startStandIn } from '../fixtures/stand-in.ts';
import { TEST_CREDENTIALS } from '../fixtures/world.ts';
import { createAwsProvider } from '../provider.ts';

let standIn: StandIn;
let provider: ReturnType<typeof createAwsProvider>;
beforeEach(async () => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
  standIn = await startStandIn({ skewMs: 180_000 });
  provider = createAwsProvider();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await standIn.close();
});

const SKEW_MS = 180_000;
const MINUTE_MS = 60_000;

const ask = (probe: object, form: object, since?: number) => askProbe(provider, standIn, probe, form, since);

describe('(stand-in) an alarm', () => {
  const FORM = { cloudwatch: { alarm: 'gateway-cpu' } };
  const set = (StateValue: 'OK' | 'ALARM', sinceOurs: number) => {
    standIn.cloudWatch.alarms.splice(0, 1, {
      AlarmName: 'gateway-cpu',
      StateValue,
      StateReason: 'threshold crossed',
      StateTransitionedTimestamp: new Date(sinceOurs + SKEW_MS),
    });
  };

  test('that enters ALARM after the start holds, on a clock that is minutes off', async () => {
    const since = Date.now() - 30_000;
    set('OK', since - 1_000);
    expect(await ask({ kind: 'alarm' }, FORM)).toEqual({ ok: false, detail: 'gateway-cpu is in OK' });
    expect(await ask({ kind: 'alarm' }, FORM, since)).toMatchObject({ ok: false });
    set('ALARM', since + 20_000);
    expect(await ask({ kind: 'alarm' }, FORM, since)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^gateway-cpu is in ALARM since .*: threshold crossed$/),
    });
  });

  test('that was in this state before the start does not', async () => {
    const since = Date.now() - 30_000;
    set('ALARM', since - 5_000);
    expect(await ask({ kind: 'alarm' }, FORM, since)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('not known to be after the start'),
    });
    set('OK', since - 5_000);
    expect((await ask({ kind: 'alarm', state: 'OK' }, FORM, since))?.ok).toBe(false);
  });

  test('that has gone off already, or that is not there, is refused beforehand', async () => {
    set('ALARM', Date.now() - 60_000);
    await expect(ask({ kind: 'alarm' }, FORM)).rejects.toThrow(/in ALARM already \(threshold crossed\)/);
    await expect(ask({ kind: 'alarm' }, { cloudwatch: { alarm: 'other' } })).rejects.toThrow(
      /no alarm other/,
    );
    await expect(ask({ kind: 'replicas', atLeast: 1 }, FORM)).rejects.toThrow(
      /answers no probe of kind replicas/,
    );
  });
});

describe('(stand-in) a level', () => {
  const FORM = {
    cloudwatch: {
      metric: { namespace: 'AWS/ECS', name: 'CPUUtilization', dimensions: { ServiceName: 'gateway' } },
    },
  };
  const put = (...values: { readonly ours: number; readonly value: number }[]) =>
    standIn.cloudWatch.values.set(
      'CPUUtilization/ServiceName=gateway',
      values.map(({ ours, value }) => ({ at: new Date(ours + SKEW_MS), value })),
    );

  test('counts when its period began after the start and has ended', async () => {
    const since = Date.now() - 5 * MINUTE_MS;
    put({ ours: since - MINUTE_MS, value: 95 });
    expect(await ask({ kind: 'level', above: 80 }, FORM, since)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('no value yet'),
    });
    put({ ours: since + 2 * MINUTE_MS, value: 95 }, { ours: Date.now() - 10_000, value: 10 });
    expect(await ask({ kind: 'level', above: 80 }, FORM, since)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^Average of AWS\/ECS CPUUtilization is 95 in the 60 s from /),
    });
    expect((await ask({ kind: 'level', below: 80 }, FORM, since))?.ok).toBe(false);
    expect((await ask({ kind: 'level', above: 80, below: 95 }, FORM, since))?.ok).toBe(false);
  });

  test('of a metric without any value is refused beforehand', async () => {
    await expect(ask({ kind: 'level', above: 80 }, FORM)).rejects.toThrow(/no value for an hour/);
    put({ ours: Date.now() - 10 * MINUTE_MS, value: 20 });
    expect((await ask({ kind: 'level', above: 80 }, FORM))?.ok).toBe(true);
  });
});

describe('(stand-in) costs', () => {
  const FORM = { costs: { budget: 'music' } };
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const alert = (Threshold: number, subscribers: string[]) => ({
    notification: {
      NotificationType: 'ACTUAL' as const,
      ComparisonOperator: 'GREATER_THAN' as const,
      Threshold,
    },
    subscribers,
  });

  test('yesterday, which AWS may not have booked yet, does not hold for that', async () => {
    standIn.costs.days.set(day(-2), 16).set(day(-1), 0);
    const probe = { kind: 'cost', yesterdayBelow: 15 };
    expect(await ask(probe, FORM, Date.now())).toEqual({
      ok: false,
      detail: `${day(-2)} $16.00 (the last day that is booked), and ${day(-1)} $0.00 so far`,
    });
    provider = createAwsProvider();
    standIn.costs.days.set(day(-2), 14).set(day(-1), 15.5);
    expect((await ask(probe, FORM, Date.now()))?.ok).toBe(false);
    provider = createAwsProvider();
    standIn.costs.days.delete(day(-2));
    await expect(ask(probe, FORM)).rejects.toThrow(new RegExp(`no costs of ${day(-2)}`));
  });

  test('of a day and of the month are compared, and asked for once', async () => {
    standIn.costs.days.set(day(-2), 14.2);
    standIn.costs.forecast = 300;
    const probe = { kind: 'cost', yesterdayBelow: 15, monthBelow: 500 };
    const answer = await ask(probe, FORM, Date.now());
    expect(answer).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^\d{4}-\d\d-\d\d \$14\.20 \(the last day that is booked\); the month/),
    });
    const asked = standIn.calls.filter((call) => call.startsWith('ce:')).length;
    expect(await ask(probe, FORM, Date.now())).toEqual(answer);
    expect(standIn.calls.filter((call) => call.startsWith('ce:')).length).toBe(asked);
    expect((await ask({ kind: 'cost', yesterdayBelow: 14.2 }, FORM, Date.now()))?.ok).toBe(false);
    expect((await ask({ kind: 'cost', monthBelow: 300 }, FORM, Date.now()))?.ok).toBe(false);
  });

  test('a budget warns in time only if somebody is told', async () => {
    const probe = { kind: 'cost', alertAt: 80 };
    standIn.costs.budgets.set('music', [alert(90, ['a@example.com'])]);
    expect(await ask(probe, FORM, Date.now())).toEqual({
      ok: false,
      detail: 'music has no alert at 80 % or before',
    });
    provider = createAwsProvider();
    standIn.costs.budgets.set('music', [alert(80, [])]);
    expect((await ask(probe, FORM, Date.now()))?.detail).toBe('music has an alert at 80 % (actual), nobody');
    provider = createAwsProvider();
    standIn.costs.budgets.set('music', [alert(80, []), alert(70, ['a@example.com'])]);
    expect(await ask(probe, FORM, Date.now())).toEqual({
      ok: true,
      detail: 'music has an alert at 70 % (actual), 1 subscribed',
    });
  });

  test('that cannot be told are refused beforehand', async () => {
    await expect(ask({ kind: 'cost', monthBelow: 500 }, FORM)).rejects.toThrow(/too little data/);
    await expect(ask({ kind: 'cost', alertAt: 80 }, FORM)).rejects.toThrow(/no budget music/);
    await expect(ask({ kind: 'cost', alertAt: 80 }, { costs: {} })).rejects.toThrow(/needs a budget/);
  });
});

/** What is asked with the right to do something of another name. */
const RIGHTS: Readonly<Record<string, string>> = {
  'monitoring:DescribeAlarms': 'cloudwatch:DescribeAlarms',
  'monitoring:GetMetricData': 'cloudwatch:GetMetricData',
  'budgets:DescribeNotificationsForBudget': 'budgets:ViewBudget',
  'budgets:DescribeSubscribersForNotification': 'budgets:ViewBudget',
};

const ASKED: Readonly<Record<string, readonly (readonly [probe: object, form: object])[]>> = {
  cloudwatch: [
    [{ kind: 'alarm' }, { cloudwatch: { alarm: 'a' } }],
    [{ kind: 'level', above: 1 }, { cloudwatch: { metric: { namespace: 'N', name: 'CPU' } } }],
  ],
  costs: [
    [{ kind: 'cost', monthBelow: 500, yesterdayBelow: 15, alertAt: 80 }, { costs: { budget: 'music' } }],
  ],
};

test.each(Object.entries(ASKED))(
  '(stand-in) probe-%s.json allows what its probes call, all of it and nothing else',
  async (name, asked) => {
    standIn.costs.forecast = 1;
    standIn.costs.days.set(new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10), 1);
    const notification = {
      NotificationType: 'ACTUAL',
      ComparisonOperator: 'GREATER_THAN',
      Threshold: 80,
    } as const;
    standIn.costs.budgets.set('music', [{ notification, subscribers: [] }]);
    for (const [probe, form] of asked) await ask(probe, form, Date.now()).catch(() => {});
    const called = standIn.calls.slice(1).map((call) => RIGHTS[call] ?? call);
    const file = new URL(`../policies/probe-${name}.json`, import.meta.url);
    const { Statement } = JSON.parse(readFileSync(file, 'utf8'));
    expect(standIn.calls[0]).toBe('sts:GetCallerIdentity');
    expect([...new Set(called)].sort()).toEqual(
      Statement.flatMap(({ Action }: { Action: string | string[] }) => Action).sort(),
    );
  },
);
