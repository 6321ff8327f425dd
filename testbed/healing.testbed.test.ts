import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findTampering } from './control/audit.ts';
import { eventually, type Running, startTestbed } from './fixtures/running.ts';
import { services } from './lib/inventory.ts';
import { paths, portOffsets } from './lib/testbed.ts';

let testbed: Running;
beforeAll(async () => {
  testbed = await startTestbed();
});
afterEach(() => testbed.becomesHealthy());
afterAll(() => testbed?.end());

test.each(services.map((service) => [service.name, service.component] as const))(
  '%s is started again when it is killed, and an alert with a correlation id says so',
  async (name, component) => {
    const pid = testbed.pid(name);
    testbed.kill(name);
    const alert = await testbed.alert({ alertname: 'ProcessDown', instance: name });
    expect(alert.labels).toMatchObject({ component, severity: 'warning' });
    expect(alert.labels.correlation_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(audit()).toContain(alert.labels.correlation_id);
    await eventually('another process', () => testbed.pid(name) !== pid);
    await testbed.alert({ alertname: 'ProcessDown', instance: name, status: 'resolved' });
  },
);

test.each(['sentinel-1', 'redis-2'])('%s is restarted when it is killed', async (name) => {
  const pid = testbed.pid(name);
  testbed.kill(name);
  await testbed.alert({ alertname: 'ProcessDown', instance: name, component: 'sessions' });
  await eventually('another process', () => testbed.pid(name) !== pid);
});

test('a restart that helps counts as a successful recovery', async () => {
  const before = await counted();
  const pid = testbed.pid('ai-brain');
  testbed.kill('ai-brain');
  await eventually('another process', () => testbed.pid('ai-brain') !== pid);
  await eventually('it is counted', async () => (await counted()).succeeded > before.succeeded);
  expect(await counted()).toEqual({ ...before, succeeded: before.succeeded + 1 });
});

test('killing one gateway fails no request that may be repeated', async () => {
  const token = await testbed.login();
  const statuses = new Map<number, number>();
  const until = new AbortController();
  const users = Array.from({ length: 8 }, async () => {
    while (!until.signal.aborted) {
      const { status } = await testbed.call('/api/session', { token });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  });
  await eventually('traffic', () => (statuses.get(200) ?? 0) > 200);
  const pid = testbed.pid('gateway-1');
  testbed.kill('gateway-1');
  await eventually('another gateway', () => testbed.pid('gateway-1') !== pid);
  const count = statuses.get(200) ?? 0;
  await eventually('more traffic', () => (statuses.get(200) ?? 0) > count + 200);
  until.abort();
  await Promise.all(users);
  expect([...statuses.keys()]).toEqual([200]);
});

test('a frozen gateway gets no traffic, is reported, and is left alone until it thaws', async () => {
  const pid = testbed.pid('gateway-2');
  testbed.kill('gateway-2', 'SIGSTOP');
  await eventually('the edge ejects it', async () => {
    const { json } = await testbed.call('/-/health');
    return json.replicas.some(
      (r: { name: string; healthy: boolean }) => r.name === 'gateway-2' && !r.healthy,
    );
  });
  const answers = await Promise.all(Array.from({ length: 20 }, () => testbed.call('/health')));
  expect(new Set(answers.map((answer) => answer.headers.get('x-instance')))).toEqual(new Set(['gateway-1']));
  await testbed.alert({ alertname: 'Unresponsive', instance: 'gateway-2', component: 'gateway' });
  testbed.kill('gateway-2', 'SIGCONT');
  await testbed.alert({ alertname: 'Unresponsive', instance: 'gateway-2', status: 'resolved' });
  expect(testbed.pid('gateway-2')).toBe(pid);
});

test('with restart-frozen a frozen replica is replaced', async () => {
  testbed.set('restart-frozen=true');
  const pid = testbed.pid('projects-2');
  testbed.kill('projects-2', 'SIGSTOP');
  await eventually('another process', () => testbed.pid('projects-2') !== pid);
  testbed.set('restart-frozen=false');
});

test('the kill switch stops every automatic action, and what it stopped is done once it is off', async () => {
  writeFileSync(paths(testbed.dir).killSwitch, '');
  const pid = testbed.pid('gateway-1');
  testbed.kill('gateway-1');
  await eventually(
    'the audit log says that nothing is done',
    () => audit().includes('restart (try 1 of 3) gateway-1') && audit().includes('the kill switch is on'),
  );
  const rounds = (await control()).rounds;
  await eventually('three more rounds', async () => (await control()).rounds > rounds + 3);
  expect(testbed.pid('gateway-1')).toBe(pid);
  await testbed.call(`${testbed.origin('control')}/kill-switch`, { body: { on: false } });
  await eventually('another process', () => testbed.pid('gateway-1') !== pid);
});

test('three restarts that do not help are escalated, and there is no fourth', async () => {
  const counts = await counted();
  const { port, close } = await takePortOf('projects-1');
  expect(port).toBeGreaterThan(0);
  const alert = await testbed.alert({ alertname: 'Escalated', instance: 'projects-1', severity: 'critical' });
  const tries = () => audit().split('restart (try').length;
  const before = tries();
  const rounds = (await control()).rounds;
  await eventually('three more rounds', async () => (await control()).rounds > rounds + 3);
  expect(tries()).toBe(before);
  expect(alert.annotations.summary).toContain('escalated');
  // Once, although it is down in every round.
  expect(await counted()).toEqual({
    ...counts,
    failed: counts.failed + 1,
    escalations: counts.escalations + 1,
  });
  await close();
  // A person looks, and restarts everything.
  await testbed.command('down');
  await testbed.command(
    'up',
    '--base-port',
    String(Number(new URL(testbed.url).port)),
    '--no-warm-up',
    '--set',
    'control-period-ms=500',
  );
});

test('the audit log is intact, and one changed word in it is noticed', () => {
  const file = paths(testbed.dir).audit;
  expect(findTampering(file)).toBeUndefined();
  const whole = readFileSync(file, 'utf8');
  writeFileSync(file, whole.replace('"done"', '"gone"'));
  const line = findTampering(file);
  writeFileSync(file, whole);
  expect(line).toBe(whole.slice(0, whole.indexOf('"done"')).split('\n').length);
});

test('the control loop reports its period and the time of a round', async () => {
  const { text } = await testbed.call(`${testbed.origin('control')}/metrics`);
  expect(text).toMatch(/^control_loop_period_seconds 0\.\d+/m);
  expect(text).toMatch(/^control_loop_duration_seconds_count [1-9]/m);
});

function audit(): string {
  return readFileSync(paths(testbed.dir).audit, 'utf8');
}

/** What the metrics of the control loop count. */
async function counted() {
  const { text } = await testbed.call(`${testbed.origin('control')}/metrics`);
  return {
    succeeded: numberIn(text, 'control_recoveries_total{outcome="succeeded"}'),
    failed: numberIn(text, 'control_recoveries_total{outcome="failed"}'),
    escalations: numberIn(text, 'control_escalations_total'),
  };
}

function numberIn(page: string, metric: string): number {
  return Number(
    page
      .split('\n')
      .find((line) => line.startsWith(`${metric} `))
      ?.slice(metric.length),
  );
}

async function control() {
  return (await testbed.call(`${testbed.origin('control')}/status`)).json;
}

/** Kills the service and takes its port before the control loop can start it again. */
async function takePortOf(name: 'projects-1'): Promise<{ port: number; close: () => Promise<unknown> }> {
  const port = Number(new URL(testbed.url).port) + portOffsets[name];
  await testbed.call(`${testbed.origin('control')}/kill-switch`, { body: { on: true } });
  testbed.kill(name);
  const server = net.createServer((socket) => socket.destroy());
  await eventually(
    'the port',
    () =>
      new Promise<boolean>((resolve) => {
        server.once('error', () => resolve(false));
        server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(true));
      }),
  );
  await testbed.call(`${testbed.origin('control')}/kill-switch`, { body: { on: false } });
  return { port, close: () => new Promise((resolve) => server.close(resolve)) };
}
