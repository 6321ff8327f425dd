import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createHttpClient } from '../orchestrator/observe/http-client.ts';
import { askProbes } from './fixtures/ask-probes.ts';
import { eventually, type Running, startTestbed } from './fixtures/running.ts';
import { paths } from './lib/testbed.ts';

/**
 * The probes of testbed/drills/, asked without the load: each holds, and each is broken by a switch. Times are a tenth of what the drills
 * say, because the control loop runs twice a second here.
 */
let testbed: Running;
const http = createHttpClient();
beforeAll(async () => {
  // One process dies often here: it has all its tries again as soon as it is well.
  testbed = await startTestbed('forget-tries-after-ms=0');
});
afterEach(async () => {
  await killSwitch(false);
  testbed.set('restart-fails=');
  await testbed.becomesHealthy();
  await testbed.only();
});
afterAll(async () => {
  await http.close();
  await testbed?.end();
});

const ask = (
  drill: string,
  names: readonly string[],
  act: () => unknown,
  match: Record<string, string> = {},
) => askProbes({ testbed, http }, drill, names, act, match);

const killSwitch = (on: boolean) =>
  testbed.call(`${testbed.origin('control')}/kill-switch`, { body: { on } });
const frozenGateway = () => {
  testbed.kill('gateway-2', 'SIGSTOP');
};
const control = async () => (await testbed.call(`${testbed.origin('control')}/status`)).json;

const PLANE = [
  'alerted',
  'alert-counted',
  'alert-logged',
  'first-try',
  'nobody-called',
  'audit-whole',
  'others-watched',
];

test('control-plane: all hold', async () => {
  const seen = await ask('control-plane', [...PLANE, 'rounds-short'], () => testbed.kill('gateway-1'));
  expect(seen).toEqual(Object.fromEntries([...PLANE, 'rounds-short'].map((name) => [name, 'PASS'])));
});

test('control-plane: each switch breaks its probe', async () => {
  await testbed.only('alerts-without-id=true', 'log-without-ids=true', 'tamper-audit=true');
  await eventually('a word was changed', async () => (await control()).auditIntact === false);
  const names = ['alerted', 'alert-logged', 'audit-whole'];
  const seen = await ask('control-plane', names, () => testbed.kill('projects-1'), { component: 'projects' });
  expect(seen).toEqual({
    alerted: 'FAIL: not within its time: an alert arrived without correlation_id',
    'alert-logged': expect.stringMatching(/^FAIL: it did not hold: 1 after/),
    'audit-whole': expect.stringMatching(/^FAIL: it did not hold: false after/),
  });
});

test('control-plane: without a try there is no first one', async () => {
  await killSwitch(true);
  const seen = await ask('control-plane', ['first-try'], () => testbed.kill('ai-brain'));
  expect(seen).toEqual({ 'first-try': 'FAIL: not within its time: 0' });
});

test('control-loop: rounds that come at another time, and one that takes too long', async () => {
  const early = await ask('control-loop', ['period'], () => {});
  expect(early.period).toMatch(/^FAIL: it did not hold: 0\.\d+ after/);
  await testbed.only('slow-round-ms=10100');
  await eventually('a slow round', async () => {
    const { text } = await testbed.call(`${testbed.origin('control')}/metrics`);
    return Number(/^control_loop_longest_seconds (\S+)$/m.exec(text)?.[1]) > 10;
  });
  // Who takes so long over one round watches nobody meanwhile.
  const plane = await ask('control-plane', ['others-watched', 'rounds-short'], () => {});
  expect(plane).toEqual({
    'others-watched': expect.stringMatching(/^FAIL: it did not hold: [01]/),
    'rounds-short': expect.stringMatching(/^FAIL: it did not hold: 1\d\.\d+ after/),
  });
  testbed.set('slow-round-ms=0');
  const slow = await ask('control-loop', ['duration'], () => {});
  expect(slow.duration).toMatch(/^FAIL: it did not hold: 1\d\.\d+ after/);
});

test('kill-switch: nothing is done although there is something to do', async () => {
  await testbed.only('restart-frozen=true');
  await killSwitch(true);
  const names = ['is-on', 'would-act', 'no-action'];
  const seen = await ask('kill-switch', names, frozenGateway);
  testbed.kill('gateway-2', 'SIGCONT');
  expect(seen).toEqual({ 'is-on': 'PASS', 'would-act': 'PASS', 'no-action': 'PASS' });
});

test('kill-switch: one that is ignored is found out', async () => {
  await testbed.only('restart-frozen=true', 'ignore-kill-switch=true');
  await killSwitch(true);
  const seen = await ask('kill-switch', ['no-action'], frozenGateway);
  expect(seen['no-action']).toMatch(/^FAIL: it did not hold: [1-9]/);
});

test('escalation: three tries, one call, and no fourth try', async () => {
  await testbed.only('restart-fails=producer', 'restart-by-hand-after-ms=3500');
  const names = ['escalated', 'three-tries', 'called-once'];
  const seen = await ask('escalation', names, () => testbed.kill('producer'));
  expect(seen).toEqual({ escalated: 'PASS', 'three-tries': 'PASS', 'called-once': 'PASS' });
});

test('escalation: tries without end, and nobody is called', async () => {
  await testbed.only('restart-fails=producer', 'endless-tries=true');
  const seen = await ask('escalation', ['three-tries', 'called-once'], () => testbed.kill('producer'));
  expect(seen['three-tries']).toMatch(/^FAIL: it did not hold: ([4-9]|\d\d)/);
  expect(seen['called-once']).toBe('FAIL: it did not hold: 0');
});

const DEPENDENCIES = ['named', 'degraded', 'answered-503', 'told-apart'];

/** The producer is dead, and stays so until the kill switch is off; the link leads nowhere. */
async function breakDependencies(): Promise<() => void> {
  await killSwitch(true);
  testbed.kill('producer');
  const { link } = paths(testbed.dir);
  mkdirSync(path.dirname(link), { recursive: true });
  writeFileSync(link, '127.0.0.1:9');
  return () => rmSync(link);
}

test('dependencies: the one that is down is named with 503, and the one that is out of reach told apart', async () => {
  let mend = () => {};
  const act = async () => {
    mend = await breakDependencies();
  };
  const seen = await ask('dependencies', DEPENDENCIES, act).finally(() => mend());
  expect(seen).toEqual(Object.fromEntries(DEPENDENCIES.map((name) => [name, 'PASS'])));
  await killSwitch(false);
  await testbed.becomesHealthy();
  await eventually('all dependencies are healthy again', async () => {
    const { status, json } = await testbed.call(`${testbed.origin('control')}/health/all`);
    return status === 200 && json.status === 'healthy';
  });
});

test('dependencies: an aggregator that looks at nothing', async () => {
  await testbed.only('health-aggregator-off=true');
  let mend = () => {};
  const act = async () => {
    mend = await breakDependencies();
  };
  const seen = await ask('dependencies', DEPENDENCIES, act).finally(() => mend());
  expect(seen).toEqual({
    named: 'FAIL: not within its time: "healthy"',
    degraded: 'FAIL: not within its time: "healthy"',
    'answered-503': 'FAIL: not within its time: answered 200',
    'told-apart': 'FAIL: not within its time: "healthy"',
  });
});

/** Until the control loop has seen it well: then its tries may be forgotten. */
async function producerIsWell(): Promise<void> {
  await eventually('the producer is well', async () => {
    const { incidents } = await control();
    return incidents.every(({ instance }: { instance: string }) => instance !== 'producer');
  });
}

test('counter-reset: three tries, and three again at the next fault', async () => {
  await testbed.only('restart-fails=producer', 'restart-helps-at=3');
  const first = await ask('counter-reset', ['three-tries'], () => testbed.kill('producer'));
  await producerIsWell();
  const seen = await ask('counter-reset', ['three-again', 'nobody-called'], () => testbed.kill('producer'));
  expect({ ...first, ...seen }).toEqual({
    'three-tries': 'PASS',
    'three-again': 'PASS',
    'nobody-called': 'PASS',
  });
});

test('counter-reset: tries that are never forgotten are used up at the second fault', async () => {
  const never = ['forget-tries-after-ms=3600000', 'restart-by-hand-after-ms=500'];
  await testbed.only('restart-fails=producer', 'restart-helps-at=3', ...never);
  const pid = testbed.pid('producer');
  testbed.kill('producer');
  await eventually('another producer', () => testbed.pid('producer') !== pid);
  await producerIsWell();
  const seen = await ask('counter-reset', ['three-again', 'nobody-called'], () => testbed.kill('producer'));
  expect(seen).toEqual({
    'three-again': 'FAIL: it did not hold: 0',
    'nobody-called': expect.stringMatching(/^FAIL: it did not hold: 1/),
  });
});

const OBJECTIVES = ['errors-alert', 'latency-alert', 'frozen', 'deployments-refused'];
const watched = ['watch-objectives=true', 'budget-window-ms=20000', 'error-share=0.3', 'error-path=/health'];
/** One of eight answers: with all of them there would be too few to tell a share. */
const slowAnswers = ['slow-ms=150', 'slow-path=/health', 'slow-every=8'];

/** Requests until it is over, enough for a share. */
async function underLoad<T>(work: () => Promise<T>): Promise<T> {
  let over = false;
  const users = Array.from({ length: 4 }, async () => {
    while (!over) await testbed.call('/health').catch(() => {});
  });
  try {
    return await work();
  } finally {
    over = true;
    await Promise.all(users);
  }
}

test('objectives: errors and slow answers are alerted, and with the budget spent nothing is deployed', async () => {
  const seen = await underLoad(() =>
    ask('objectives', OBJECTIVES, () => testbed.only(...watched, ...slowAnswers)),
  );
  expect(seen).toEqual(Object.fromEntries(OBJECTIVES.map((name) => [name, 'PASS'])));
});

/** As many a second of both gateways as one of them takes on. */
const CAPACITY = 50;

test('saturation: a gateway that does the work of both is alerted', async () => {
  await testbed.only('watch-objectives=true', `gateway-capacity=${CAPACITY}`);
  const load = setInterval(() => void testbed.call('/health').catch(() => {}), 1_000 / CAPACITY);
  const { rounds: from } = await control();
  await eventually('rounds under load', async () => (await control()).rounds > from + 3);
  expect((await control()).incidents).toEqual([]);
  const seen = await ask('saturation', ['saturation-alert'], frozenGateway).finally(() => {
    clearInterval(load);
    testbed.kill('gateway-2', 'SIGCONT');
  });
  expect(seen).toEqual({ 'saturation-alert': 'PASS' });
});

/** Of seven rounds, so that one that comes late does not move the middle far. */
const SHORT_WINDOW = watched.with(1, 'budget-window-ms=3500');

test('forecast: what was forecast is what came, and one that forgets the rest of the window is found out', async () => {
  const [seen, blind] = await underLoad(async () => [
    await ask('forecast', ['forecast-came'], () => testbed.only(...SHORT_WINDOW)),
    await ask('forecast', ['forecast-came'], () => testbed.only(...SHORT_WINDOW, 'forecast-blind=true')),
  ]);
  expect(seen).toEqual({ 'forecast-came': 'PASS' });
  expect(blind?.['forecast-came']).toMatch(/^FAIL: not within its time: .* off by [3-6]\d/);
});

test('objectives: each switch breaks its probe', async () => {
  const switches = ['no-objective-alerts=true', 'never-freeze=true', 'gateway-capacity=5'];
  const act = async () => {
    await testbed.only(...watched, ...slowAnswers, ...switches);
    // The control loop sees a setting a moment later, and the test before has spent the budget.
    await eventually('nothing is frozen', async () => !(await control()).budget.frozen);
  };
  const [seen, saturated] = await underLoad(() =>
    Promise.all([ask('objectives', OBJECTIVES, act), ask('saturation', ['saturation-alert'], () => {})]),
  );
  expect(saturated).toEqual({ 'saturation-alert': 'FAIL: not within its time' });
  expect(seen).toEqual({
    'errors-alert': 'FAIL: not within its time',
    'latency-alert': 'FAIL: not within its time',
    frozen: 'FAIL: not within its time: false',
    'deployments-refused': 'FAIL: not within its time: answered 200',
  });
});
