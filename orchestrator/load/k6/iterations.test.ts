import { expect, test } from 'vitest';
import { iterationsToKnow, type ScenarioShape } from './iterations.ts';

test.each<[string, ScenarioShape, number]>([
  ['users, three rounds of each', { executor: 'constant-vus', vus: 50 }, 150],
  ['few users', { executor: 'constant-vus', vus: 2 }, 10],
  [
    'users that become more',
    { executor: 'ramping-vus', startVUs: 1, stages: [{ target: 40 }, { target: 0 }] },
    120,
  ],
  ['users that somebody else sets', { executor: 'externally-controlled', vus: 2, maxVUs: 9 }, 27],
  ['all that are shared', { executor: 'shared-iterations', vus: 5, iterations: 40 }, 40],
  ['all of each user', { executor: 'per-vu-iterations', vus: 20 }, 20],
  ['arrivals, whoever takes them', { executor: 'constant-arrival-rate', maxVUs: 500 }, 10],
])('%s', (_, shape, needed) => {
  expect(iterationsToKnow({ s: shape }, null)).toEqual({ s: needed });
});

test('an iteration that is waited out after k6 has reported it says nothing', () => {
  const scenarios = { s: { executor: 'constant-vus', vus: 1 } };
  expect(iterationsToKnow(scenarios, '1m0s')).toEqual({});
  expect(iterationsToKnow(scenarios, '0s')).toEqual({ s: 10 });
});
