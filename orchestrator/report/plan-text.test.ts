import { expect, it } from 'vitest';
import type { DrillPlan, ResolvedPlan } from '../plan.types.ts';
import { planData, planText } from './plan-text.ts';

const labels = (...all: string[]) => all.map((label) => ({ label }));
const plan = {
  drill: {
    name: 'spike',
    steady: { for: 20_000 },
    probes: [
      { name: 'gateway-alert', kind: 'alert', within: 60_000, after: 'gateway-lost' },
      { name: 'scaled-out', kind: 'replicas', component: 'gateway', atLeast: 10, within: 120_000 },
    ],
    writes: { lost: 0, duplicated: 1 },
  },
  environment: { name: 'local' },
  loads: [{ script: `${process.cwd()}/build/spike.js`, durationMs: 180_000 }],
  objectives: [
    { name: 'gateway.latency.p95' },
    { name: 'few-errors', phase: 'all' },
    { name: 'gateway.errors' },
  ],
} as unknown as DrillPlan;
const resolved = {
  faults: [
    {
      request: { fault: { name: 'gateway-lost', kind: 'kill', component: 'gateway', at: 42_000 } },
      resolution: {
        targets: [
          {
            label: 'gateway-1 (pid 4711)',
            details: [
              'node gateway.js, as squall',
              'listens on 127.0.0.1:9001; nobody is connected \u001b[2J',
            ],
          },
        ],
        candidates: labels('gateway-1 (pid 4711)', 'gateway-2 (pid 4712)'),
        healthy: 2,
      },
    },
    {
      request: { fault: { name: 'cut', kind: 'partition', component: 'link', at: 133_000, for: 15_000 } },
      resolution: { targets: labels('a \u001b[2J link'), candidates: labels('a \u001b[2J link'), healthy: 1 },
    },
  ],
} as unknown as ResolvedPlan;

it('says what would be hit, and when', () => {
  expect(planText(planData(plan, resolved), 80).split('\n')).toEqual([
    'spike on local: nothing has been touched',
    '',
    'Load',
    '  build/spike.js, 3 min',
    '',
    'Faults, after 20 s of steady state',
    '  0:42.0  gateway-lost  kill gateway',
    '    hits gateway-1 (pid 4711); 2 of 2 healthy',
    '      node gateway.js, as squall',
    '      listens on 127.0.0.1:9001; nobody is connected ␛[2J',
    '  2:13.0  cut           partition link for 15 s',
    '    hits a ␛[2J link; 1 of 1 healthy',
    '',
    'Objectives',
    '  steady: gateway.latency.p95, gateway.errors',
    '  all: few-errors',
    '',
    'Probes',
    '  gateway-alert: an alert within 1 min of gateway-lost',
    '  scaled-out: at least 10 replicas of gateway within 2 min of the first sample',
    '',
    'Acknowledged writes',
    '  at most 0 lost, 1 there twice',
  ]);
});

it('is silent about probes and writes where the drill is', () => {
  const bare = { ...plan, drill: { ...plan.drill, probes: [], writes: undefined } } as unknown as DrillPlan;
  const text = planText(planData(bare, resolved), 80);
  expect(text).not.toMatch(/Probes|writes/);
  expect(text.endsWith('all: few-errors')).toBe(true);
});
