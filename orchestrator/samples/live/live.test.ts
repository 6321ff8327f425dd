import { expect, test } from 'vitest';
import type { Objective } from '../../../thresholds/objective.ts';
import type { TagSet } from '../recording/tag-sets.ts';
import { createLive } from './live.ts';

const tags: TagSet = { id: 0, inLoad: true, folded: false, tags: { scenario: 's' } };
const START = 1_795_357_000_000;
const none: Objective = {
  name: 'nothing-dropped',
  counter: 'dropped_iterations',
  equals: 0,
  phase: 'steady',
};

/** What the steady state says of dropped iterations after six seconds of samples. */
function after(...samples: readonly [metric: string, value: number][]) {
  const live = createLive({ steadyWindowMs: 5_000, objectives: [none], stop: [], onFirst: () => {} });
  for (let second = 0; second < 6; second++) {
    live.visitor.request(tags, START + second * 1000, 5, 0, false);
    for (const [metric, value] of samples)
      live.visitor.sample(metric, tags, START + second * 1000, value, '');
  }
  return live.tick(START + 6_000)?.objectives[0];
}

test('nothing dropped holds on the iterations that ran, though k6 writes no sample of it', () => {
  expect(after(['iterations', 1])).toMatchObject({ holds: true, measured: 0 });
  expect(after(['iterations', 1], ['dropped_iterations', 2])).toMatchObject({ holds: false });
  expect(after()).toMatchObject({ holds: null, samples: 0 });
});

test('a reading says how many samples it needs, and how long it took to get those that it has', () => {
  expect(after(['iterations', 1])).toMatchObject({ samples: 6, needs: 1, overMs: 5_000 });
});

test('arrivals that are dropped because all wait do not break a silence', () => {
  const live = createLive({
    steadyWindowMs: 5_000,
    objectives: [none],
    stop: [],
    iterationsToKnow: { s: 1 },
    onFirst: () => {},
  });
  live.visitor.request(tags, START, 5, 0, false);
  live.visitor.sample('iteration_duration', tags, START, 5, '');
  for (let at = START + 1_000; at <= START + 4_000; at += 1_000) {
    live.visitor.sample('dropped_iterations', tags, at - 100, 7, '');
    live.visitor.sample('vus', tags, at, 9, '');
  }
  expect(live.tick(START + 4_000)).toMatchObject({ silentMs: 4_000 });
});

test('a reading says what the requests are called, unless each has a name of its own', () => {
  const live = createLive({ steadyWindowMs: 5_000, objectives: [], stop: [], onFirst: () => {} });
  const send = (name: string) =>
    live.visitor.request({ ...tags, tags: { scenario: 's', name } }, START, 5, 0, false);
  for (const name of ['GET /a', 'POST /b', 'GET /a']) send(name);
  expect(live.tick(START)).toMatchObject({ requestNames: ['GET /a', 'POST /b'] });
  for (let id = 0; id < 200; id++) send(`http://127.0.0.1/${id}`);
  expect(live.tick(START)).toMatchObject({ requestNames: null });
});
