import { expect, test } from 'vitest';
import { loadEnded } from '../../test/reference-target/load-ended.ts';
import type { JournalEvent, JournalLine, RunStarted } from '../journal/events.ts';
import { noCounts } from './collect-load.ts';
import { cutOf, isConsequence } from './finding.ts';
import { findingsOf } from './findings.ts';
import type { LoadRead } from './load-findings.ts';
import type { Window } from './outages/troubles.ts';
import { countsOf, type ScenarioCounts } from './scenarios.ts';

const started = (script?: string): RunStarted =>
  ({
    type: 'run-started',
    drill: { load: [script ? { script, vars: {} } : { scenario: 'spike', vars: {} }], faults: [] },
  }) as never;

/** A scenario with an iteration a second, or as many as fit into 100 of them. */
function scenario(
  iterations: number,
  requests: number,
  change: Partial<ScenarioCounts> = {},
): ScenarioCounts {
  const counts = { ...countsOf(new Map()), iterations, requests, iterationMs: iterations * 50, ...change };
  for (let i = 0; i < iterations; i++) {
    const second = Math.floor((i * 100) / iterations);
    counts.iterationsBySecond.set(second, (counts.iterationsBySecond.get(second) ?? 0) + 1);
  }
  return counts;
}

const loadStarted: JournalEvent = { type: 'load-started', load: 0, script: 's', pid: 1, k6: 'k6' };
const read: LoadRead = {
  load: 0,
  complete: true,
  detail: '',
  counts: {
    ...noCounts(),
    requests: 100,
    iterations: 100,
    scenarios: new Map([['default', scenario(100, 100)]]),
  },
};

function find(
  events: JournalEvent[],
  change: { damage?: string; read?: Partial<LoadRead>; script?: string; outages?: Window[] } = {},
) {
  const lines = events.map((event, seq): JournalLine => ({ seq, at: seq, event, prev: '', hash: '' }));
  return findingsOf({
    started: started(change.script),
    lines,
    damage: change.damage ?? null,
    loads: [{ ...read, ...change.read }],
    faults: [],
    outages: change.outages ?? [],
  });
}

const fine: JournalEvent[] = [loadStarted, loadEnded(), { type: 'run-ended', clockStepMs: 20 }];

test('a run without trouble has no findings', () => {
  expect(find(fine)).toEqual([]);
});

test.each<[string, JournalEvent[], Parameters<typeof find>[1], string]>([
  ['a changed journal', fine, { damage: 'line 7 was changed' }, 'line 7 was changed'],
  [
    'a clock that was set during the run',
    [loadStarted, loadEnded(), { type: 'run-ended', clockStepMs: -3_000 }],
    {},
    'set back by 3 s',
  ],
  ['a journal without an end', [loadStarted, loadEnded()], {}, 'no end'],
  ['a run that was stopped', [...fine, { type: 'stopped', cause: 'signal', reason: 'Ctrl-C' }], {}, 'Ctrl-C'],
  [
    'a guardian that was lost',
    [...fine, { type: 'stopped', cause: 'guardian-lost', reason: 'it died' }],
    {},
    'guardian-lost',
  ],
  [
    'a target that nobody reaches',
    [...fine, { type: 'stopped', cause: 'unreached', reason: 'not one of the first 25 was answered' }],
    {},
    '(unreached): not one of the first 25 was answered',
  ],
  [
    'a steady state that never was',
    [...fine, { type: 'steady-failed', reason: 'p95 is 300 ms' }],
    {},
    'p95 is 300 ms',
  ],
  ['a load that was never started', [{ type: 'run-ended' }], {}, 'never started'],
  ['a load without an end', [loadStarted, { type: 'run-ended' }], {}, 'how Load 1 (spike) ended'],
  ['a crashed k6', [loadStarted, loadEnded({ exitCode: 109 }), { type: 'run-ended' }], {}, 'k6 panicked'],
  [
    'a killed k6',
    [loadStarted, loadEnded({ exitCode: null, signal: 'SIGKILL' }), { type: 'run-ended' }],
    {},
    'killed by SIGKILL',
  ],
  [
    'an unknown exit code',
    [loadStarted, loadEnded({ exitCode: 77 }), { type: 'run-ended' }],
    {},
    'exited with 77',
  ],
  [
    'a truncated stream',
    [
      loadStarted,
      loadEnded({ streamComplete: false, streamDetail: 'the last line is cut' }),
      { type: 'run-ended' },
    ],
    {},
    'the last line is cut',
  ],
  [
    'a truncated recording',
    fine,
    { read: { complete: false, detail: 'its end is missing' } },
    'its end is missing',
  ],
  ['no samples', fine, { read: { counts: noCounts() } }, 'sent nothing'],
  [
    'a script that throws',
    [loadStarted, loadEnded({ scriptErrors: 100 }), { type: 'run-ended' }],
    {},
    '100 of 100 iterations',
  ],
])('%s is INVALID', (_title, events, change, reason) => {
  expect(find(events, change)).toContainEqual(
    expect.objectContaining({ result: 'INVALID', text: expect.stringContaining(reason) }),
  );
});

test("a script's own thresholds count, a scenario's do not: its objectives are judged by phase", () => {
  const crossed = [loadStarted, loadEnded({ exitCode: 99 }), { type: 'run-ended' } as const];
  expect(find(crossed, { script: 'own.js' })).toMatchObject([{ result: 'FAIL' }]);
  expect(find(crossed)).toEqual([]);
});

test('a k6 that squall stopped is not called crashed: the stop is the reason', () => {
  const stop: JournalEvent = { type: 'stopped', cause: 'signal', reason: 'Ctrl-C' };
  const found = find([loadStarted, stop, loadEnded({ exitCode: 105 }), { type: 'run-ended' }]);
  expect(found).toHaveLength(1);
});

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
    [],
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
  expect(aboutScenarios(scenarios, [], { scriptErrors: 49 })).toEqual([]);
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

test('where most requests fail, k6 is quoted', () => {
  const about = (failed: number) =>
    find(fine, {
      read: { counts: { ...read.counts, failures: new Map([['dial: connection refused', failed]]) } },
    });
  expect(about(49)).toEqual([]);
  expect(about(50)).toEqual([
    { result: 'NOTE', text: 'Load 1 (spike): 50 of 100 requests failed: 50 × dial: connection refused.' },
  ]);
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

test('requests that k6 was told not to judge, and tags with two readings, are noted', () => {
  const about = (change: object) => find(fine, { read: { counts: { ...read.counts, ...change } } });
  expect(about({ unjudged: new Map([['GET /', 7]]) })).toEqual([
    {
      result: 'NOTE',
      text: 'Load 1 (spike): k6 was told not to judge 7 requests (GET /); their status did: 200 to 399 is good.',
    },
  ]);
  expect(about({ unjudged: new Map([['GET /', 7]]), unknown: 7 })).toMatchObject([{ result: 'INVALID' }]);
  expect(about({ ambiguous: 3, ambiguousTags: 'q=a&b' })).toMatchObject([
    { result: 'NOTE', text: expect.stringContaining('3 requests have an & in a tag of the script') },
  ]);
});

test('what happened first is told first, with its time; what follows from it is marked', () => {
  const killed = loadEnded({
    exitCode: null,
    signal: 'SIGKILL',
    streamComplete: false,
    streamDetail: 'a cut line',
  });
  const stop: JournalEvent = { type: 'stopped', cause: 'signal', reason: 'SIGINT received' };
  const found = find([loadStarted, killed, stop, { type: 'run-ended' }], { read: { counts: noCounts() } });
  expect(found).toMatchObject([
    {
      text: 'Load 1 (spike): k6 was killed by SIGKILL at 00:00:00 UTC; its samples end there (a cut line).',
      cutAt: 1,
      advice: expect.stringContaining('dmesg'),
    },
    {
      text: 'Load 1 (spike) sent nothing: there is no sample of its load.',
      follows: 'the samples of Load 1 (spike)',
    },
    { text: 'The run was stopped at 00:00:00 UTC (signal): SIGINT received (Ctrl-C).', cutAt: 2 },
  ]);
  expect(cutOf(found)?.text).toContain('SIGKILL');
  expect(found.filter((one) => isConsequence(one, found)).map(({ follows }) => follows)).toEqual([
    'the samples of Load 1 (spike)',
  ]);
});

test('a load that sent nothing is a cause where nothing else cut the run short', () => {
  const found = find(fine, { read: { counts: noCounts() } });
  expect(cutOf(found)?.text).toContain('sent nothing');
  expect(found.filter((one) => isConsequence(one, found))).toEqual([]);
});

test('the end of a run without a steady state is told once', () => {
  const found = find([
    loadStarted,
    { type: 'steady-failed', reason: 'p95 is 300 ms of 100 ms' },
    { type: 'stopped', cause: 'steady-state', reason: 'the steady state was not there' },
    loadEnded({ exitCode: 105 }),
    { type: 'run-ended' },
  ]);
  expect(found.map(({ text }) => text)).toEqual([
    'There was no steady state when the first fault was due: p95 is 300 ms of 100 ms.',
  ]);
});

test.each([
  ['fast cannot be told from 63 samples in 4 s: it takes 100', 'a higher rate'],
  ['fast cannot be told yet: its samples are from 3 s of the 5 s of `steady.for`', 'first fault later'],
  ['fast does not hold: p95 is 178 ms of 100 ms (1634 samples)', 'lower the rate'],
])('without a steady state, because %s, the advice is %s', (reason, advice) => {
  const found = find([loadStarted, { type: 'steady-failed', reason }, loadEnded(), { type: 'run-ended' }]);
  expect(found[0]?.advice).toContain(advice);
});

test('a full disk is told with what to do about it', () => {
  const reason = 'the journal cannot be written: ENOSPC: no space left on device, write';
  const found = find([
    loadStarted,
    { type: 'stopped', cause: 'error', reason },
    loadEnded(),
    { type: 'run-ended' },
  ]);
  expect(found).toMatchObject([{ advice: expect.stringContaining('df -h') }]);
});
