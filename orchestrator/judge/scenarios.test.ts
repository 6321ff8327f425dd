import { expect, test } from 'vitest';
import { loadEnded } from '../../test/reference-target/load-ended.ts';
import type { JournalEvent } from '../journal/events.ts';
import { noCounts } from './collect-load.ts';
import { isConsequence } from './finding.ts';
import { find, loadStarted, read, scenario } from './fixtures/find.ts';
import type { Window } from './outages/troubles.ts';
import { countSample, type ScenarioCounts, unheard } from './scenarios.ts';

/** All findings about these scenarios of a load whose iterations threw in these seconds. */
function aboutScenarios(
  scenarios: Record<string, ScenarioCounts>,
  thrown: { scenario: string; second: number; count: number }[] = [],
  change: {
    outages?: Window[];
    planned?: string[];
    scriptErrors?: number;
    stopped?: boolean;
    firstFailure?: string;
  } = {},
) {
  const scriptErrors = change.scriptErrors ?? thrown.reduce((sum, { count }) => sum + count, 0);
  const counts = {
    ...noCounts(),
    requests: 100,
    iterations: 100,
    scenarios: new Map(Object.entries(scenarios)),
  };
  const begun: JournalEvent = {
    ...loadStarted,
    ...(change.planned && { scenarios: change.planned }),
  } as JournalEvent;
  const stop: JournalEvent[] = change.stopped ? [{ type: 'stopped', cause: 'signal', reason: 'Ctrl-C' }] : [];
  const events = [
    begun,
    ...stop,
    loadEnded({
      thrown,
      scriptErrors,
      ...(change.firstFailure && { firstFailure: change.firstFailure }),
    }),
    { type: 'run-ended' } as const,
  ];
  return find(events, { read: { counts }, outages: change.outages ?? [] }).filter(({ text }) =>
    /scenario|script of/.test(text),
  );
}

/** `count` in each of these seconds. */
const threw = (name: string, from: number, to: number, count: number) =>
  Array.from({ length: to - from }, (_, i) => ({ scenario: name, second: from + i, count }));

test('a scenario whose iterations mostly throw is INVALID by name, whatever the others did', () => {
  const scenarios = { browse: scenario(1200, 1200), checkout: scenario(700, 0) };
  expect(aboutScenarios(scenarios, threw('checkout', 0, 100, 7))).toMatchObject([
    {
      result: 'INVALID',
      text: 'The scenario checkout of Load 1 (spike) threw an error in 700 of 700 iterations.',
    },
  ]);
  expect(
    aboutScenarios({ ...scenarios, checkout: scenario(700, 351) }, threw('checkout', 0, 50, 7)),
  ).toMatchObject([{ result: 'INVALID', text: expect.stringContaining('350 of 700') }]);
  expect(aboutScenarios({ ...scenarios, checkout: scenario(700, 351) }, threw('checkout', 0, 49, 7))).toEqual(
    [
      {
        result: 'NOTE',
        text: 'The scenario checkout of Load 1 (spike) threw an error in 343 of 700 iterations (49 %).',
      },
    ],
  );
});

test('exceptions that the outage of a fault explains do not count, however many; those outside of it do', () => {
  const spinning = scenario(100, 100);
  spinning.iterationsBySecond.set(50, 4000).set(51, 4000);
  spinning.iterations += 8000;
  const thrown = threw('all', 50, 52, 4000);
  const outages = [{ from: 50_100, to: 51_900 }];
  expect(aboutScenarios({ all: spinning }, thrown, { outages })).toEqual([]);
  expect(aboutScenarios({ all: spinning }, thrown)).toHaveLength(1);
  expect(aboutScenarios({ all: spinning }, [...thrown, ...threw('all', 0, 40, 2)], { outages })).toHaveLength(
    1,
  );
});

test('a squall that did not say when and where they threw is judged by the sum', () => {
  const scenarios = { all: scenario(100, 100) };
  expect(aboutScenarios(scenarios, [], { scriptErrors: 49 })).toMatchObject([
    { result: 'NOTE', text: expect.stringContaining('49 of 100 iterations (49 %)') },
  ]);
  expect(aboutScenarios(scenarios, [], { scriptErrors: 0 })).toEqual([]);
  expect(aboutScenarios(scenarios, [], { scriptErrors: 50 })).toMatchObject([
    { result: 'INVALID', text: expect.stringContaining('50 of 100') },
  ]);
  const spinning = scenario(100, 100);
  spinning.iterationsBySecond.set(50, 4001);
  const outages = [{ from: 50_000, to: 51_000 }];
  const older = (scriptErrors: number) => {
    const counts = { ...read.counts, iterations: 4100, scenarios: new Map([['all', spinning]]) };
    const events = [loadStarted, loadEnded({ scriptErrors }), { type: 'run-ended' } as const];
    return find(events, { read: { counts }, outages });
  };
  expect(older(4000)).toEqual([]);
  expect(older(4100)).toHaveLength(1);
});

test('a scenario that made no request is INVALID by name; one that worked otherwise, or waited, is not', () => {
  const others = { browse: scenario(100, 100) };
  const results = (checkout: ScenarioCounts) =>
    aboutScenarios({ ...others, checkout }).map(({ result, text }) => `${result} ${text}`);
  expect(results(scenario(100, 0, { iterationMs: 3 }))).toEqual([
    'INVALID The scenario checkout of Load 1 (spike) made no request: each of its 100 iterations ended at once, without doing anything.',
  ]);
  expect(results(scenario(0, 0, { dropped: 40 }))).toEqual([
    'INVALID The scenario checkout of Load 1 (spike) made no request: not one iteration of it came to its end.',
  ]);
  const firstFailure = 'invalid URL: first path segment in URL cannot contain colon';
  const [idle] = aboutScenarios({ ...others, checkout: scenario(100, 0, { iterationMs: 3 }) }, [], {
    firstFailure,
  });
  expect(idle?.text).toMatch(
    /without doing anything; k6 said: "invalid URL: first path segment in URL cannot contain colon"\.$/,
  );
  // WebSockets, gRPC, a metric of its own.
  expect(results(scenario(100, 0, { isActive: true, iterationMs: 3 }))).toEqual([]);
  expect(results(scenario(100, 0))).toEqual([
    'NOTE The scenario checkout of Load 1 (spike) made no request in 100 iterations.',
  ]);
});

test('a scenario that is planned and never seen is INVALID, unless the run was stopped', () => {
  const planned = ['browse', 'checkout'];
  expect(aboutScenarios({ browse: scenario(100, 100) }, [], { planned })).toMatchObject([
    { result: 'INVALID', text: expect.stringContaining('checkout') },
  ]);
  expect(aboutScenarios({ browse: scenario(100, 100) }, [], { planned, stopped: true })).toEqual([]);
});

test('a script that threw before its load began is told once: no scenario of it is missed', () => {
  const lastError = 'Error: no seed data\n\tat setup (file:///lab/own.js:4:30(3))\n';
  const thrown = [{ scenario: '', second: 1, count: 1 }];
  const found = find(
    [
      { ...loadStarted, scenarios: ['browse', 'checkout'] } as JournalEvent,
      loadEnded({ exitCode: 107, scriptErrors: 1, thrown, lastError }),
      { type: 'run-ended' },
    ],
    { read: { counts: noCounts() } },
  );
  expect(found.map(({ text }) => text)).toEqual([
    expect.stringMatching(/setup\(\) of the script threw .* k6 said: "Error: no seed data"\.$/),
    'Load 1 (spike) sent nothing: there is no sample of its load.',
  ]);
  expect(found.filter((one) => !isConsequence(one, found))).toHaveLength(1);
});

test('what talks to a target without a request or an event of a stream is not heard', () => {
  const heard = new Map([
    ['api', scenario(10, 10, { hasSent: true })],
    ['calls', scenario(10, 0, { hasSent: true, events: 10 })],
    ['clock', scenario(10, 0, { isActive: true })],
    ['chat', scenario(10, 0, { hasSent: true })],
  ]);
  expect(unheard(heard)).toEqual(['chat']);
  const counts = new Map<string, ScenarioCounts>();
  const sample = (metric: string, own: string, value: number) =>
    countSample(counts, metric, { tags: { scenario: own } } as never, 0, value);
  sample('data_sent', 'http', 0);
  sample('data_sent', 'ws', 120);
  sample('browser_http_req_duration', 'pages', 30);
  sample('my_counter', 'own', 1);
  expect(unheard(counts)).toEqual(['ws', 'pages']);
});
