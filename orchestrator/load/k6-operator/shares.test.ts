import { expect, test } from 'vitest';
import type { ScenarioShape } from '../k6/iterations.ts';
import { checkShares } from './shares.ts';

const check = (scenario: ScenarioShape, parallelism: number) => () =>
  checkShares({ spike: scenario }, parallelism, 'spike.js');

test.each<[string, ScenarioShape, number]>([
  ['a rate with VUs for each', { executor: 'constant-arrival-rate', preAllocatedVUs: 200, maxVUs: 400 }, 4],
  [
    'a rate without an upper limit',
    { executor: 'ramping-arrival-rate', preAllocatedVUs: 8, maxVUs: null },
    4,
  ],
  ['users', { executor: 'constant-vus', vus: 8 }, 4],
  [
    'users that come and go, whatever is on the way',
    { executor: 'ramping-vus', startVUs: 1, stages: [{ target: 3 }, { target: 8 }, { target: 0 }] },
    4,
  ],
  ['one user of one runner', { executor: 'shared-iterations' }, 1],
])('%s can be shared', (_title, scenario, parallelism) => {
  expect(check(scenario, parallelism)).not.toThrow();
});

test.each<[string, ScenarioShape, number, string]>([
  [
    'a rate, which is split by VUs',
    { executor: 'constant-arrival-rate', preAllocatedVUs: 4, maxVUs: 4 },
    3,
    'k6-operator: spike.js: scenario spike has preAllocatedVUs: 4, which 3 runners cannot share evenly',
  ],
  ['its upper limit', { executor: 'constant-arrival-rate', preAllocatedVUs: 6, maxVUs: 10 }, 3, 'maxVUs: 10'],
  ['users', { executor: 'per-vu-iterations', vus: 5 }, 2, 'vus: 5'],
  ['the one user that k6 takes when none is said', { executor: 'shared-iterations' }, 2, 'vus: 1'],
  ['the largest target of its stages', { executor: 'ramping-vus', stages: [{ target: 9 }] }, 2, 'stages: 9'],
])('%s cannot, and is refused with a number that can', (_title, scenario, parallelism, text) => {
  expect(check(scenario, parallelism)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining(text),
      fix: expect.stringMatching(/^make it (2|6|10|12), or take another `parallelism` in the environment$/),
    }),
  );
});
