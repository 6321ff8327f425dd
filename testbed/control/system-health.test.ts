import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { freePorts } from '../../test/free-port.ts';
import { type InstanceHealth, lookAtPage, type State, summarize } from './system-health.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
}

test.each([
  [200, '{"status":"ok"}', { state: 'healthy' }],
  [200, '', { state: 'degraded', reason: 'answered 200 without content' }],
  [200, ' {} ', { state: 'degraded', reason: 'answered 200 without content' }],
  [503, '{"status":"ok"}', { state: 'down', reason: 'answered 503' }],
  [204, '', { state: 'down', reason: 'answered 204' }],
])('a page that answers %i with %j', async (status, body, expected) => {
  const url = await serve((_, response) => response.writeHead(status).end(body));
  expect(await lookAtPage(url, 5_000)).toEqual(expected);
});

test('a page that answers too late is down, also when only its end is late', async () => {
  const silent = await serve(() => {});
  expect(await lookAtPage(silent, 100)).toEqual({ state: 'down', reason: 'no answer within 0.1 s' });
  const slow = await serve((_, response) => response.writeHead(200).write('{"status":'));
  expect(await lookAtPage(slow, 100)).toEqual({ state: 'down', reason: 'no answer within 0.1 s' });
});

test('a page that nobody serves is down', async () => {
  const [port] = await freePorts(1);
  expect(await lookAtPage(`http://127.0.0.1:${port}/health`, 5_000)).toEqual({
    state: 'down',
    reason: 'ECONNREFUSED',
  });
});

const instances = (states: Record<string, State>): InstanceHealth[] =>
  Object.entries(states).map(([name, state]) => ({
    name,
    component: name.replace(/-\d$/, ''),
    state,
    ...(state === 'healthy' ? {} : { reason: 'a reason' }),
  }));

test('all healthy: healthy', () => {
  expect(summarize(instances({ 'gateway-1': 'healthy', brain: 'healthy' }))).toEqual({
    status: 'healthy',
    summary: '',
    dependencies: { gateway: { state: 'healthy' }, brain: { state: 'healthy' } },
  });
});

test('one that is down: degraded, and named with the reason', () => {
  const { status, summary, dependencies } = summarize(instances({ 'gateway-1': 'healthy', brain: 'down' }));
  expect(status).toBe('degraded');
  expect(summary).toBe('brain is down (brain: a reason)');
  expect(dependencies.brain).toEqual({ state: 'down', reason: 'brain: a reason' });
});

test('of two instances one: the component is degraded, and down only when both are', () => {
  const of = (second: State) =>
    summarize(instances({ 'gateway-1': 'down', 'gateway-2': second, brain: 'healthy' })).dependencies.gateway;
  expect(of('healthy')).toEqual({ state: 'degraded', reason: 'gateway-1: a reason' });
  expect(of('degraded')).toMatchObject({ state: 'degraded' });
  expect(of('down')).toMatchObject({ state: 'down' });
});

test('all down: down; all degraded, or one of them unreachable only: degraded', () => {
  const status = (gateway: State, brain: State) => summarize(instances({ gateway, brain })).status;
  expect(status('down', 'down')).toBe('down');
  expect(status('degraded', 'degraded')).toBe('degraded');
  expect(status('down', 'unreachable')).toBe('degraded');
});

test('unreachable is told apart from down', () => {
  const { summary } = summarize(instances({ studio: 'unreachable', brain: 'down' }));
  expect(summary).toContain('studio is unreachable');
  expect(summary).toContain('brain is down');
});
