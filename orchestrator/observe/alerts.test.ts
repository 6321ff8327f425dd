import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { ReceivedAlert } from '../journal/events.ts';
import { ALERT_LIMITS, type AlertReceiver, receiveAlerts } from './alerts.ts';

let receiver: AlertReceiver | undefined;
afterEach(() => receiver?.close());

async function start(): Promise<{ url: string; alerts: ReceivedAlert[] }> {
  const alerts: ReceivedAlert[] = [];
  receiver = await receiveAlerts({ listen: '127.0.0.1:0', onAlerts: (some) => void alerts.push(...some) });
  return { url: `http://127.0.0.1:${receiver.port}/`, alerts };
}

const post = async (url: string, body: string) => (await fetch(url, { method: 'POST', body })).status;
const alert = {
  status: 'firing',
  labels: { component: 'sessions' },
  annotations: { summary: 's' },
  startsAt: '2026-01-01T00:00:00Z',
};

test('each alert of a webhook call is received, with the time of its arrival', async () => {
  const { url, alerts } = await start();
  const before = Date.now();
  expect(
    await post(url, JSON.stringify({ version: '4', alerts: [alert, { ...alert, status: 'resolved' }] })),
  ).toBe(200);
  expect(alerts.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  expect(alerts[0]?.labels).toEqual({ component: 'sessions' });
  expect(alerts[0]?.receivedAt).toBeGreaterThanOrEqual(before);
  expect(alerts[0]?.receivedAt).toBeLessThanOrEqual(Date.now());
});

test.each([
  ['no JSON', 'hello', 400],
  ['no alerts in it', '{}', 400],
  ['labels that are no texts', JSON.stringify({ alerts: [{ ...alert, labels: { a: 1 } }] }), 400],
  ['a body that is too large', 'x'.repeat(ALERT_LIMITS.bodyBytes + 1), 413],
])('%s is refused and counts for nothing', async (_, body, status) => {
  const { url, alerts } = await start();
  expect(await post(url, body)).toBe(status);
  expect(alerts).toEqual([]);
});

test('a flood ends at the limit', async () => {
  const { url, alerts } = await start();
  const thousand = JSON.stringify({ alerts: Array.from({ length: 1_000 }, () => alert) });
  const statuses = [];
  for (let i = 0; i < 11; i += 1) statuses.push(await post(url, thousand));
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
  expect(alerts).toHaveLength(ALERT_LIMITS.alerts);
});

test.each([
  ['of plain letters', 'x'.repeat(900_000)],
  ['of letters that take three bytes each', '\u20ac'.repeat(300_000)],
])('large alerts %s end at a limit of their own, long before the number of them', async (_, summary) => {
  const { url, alerts } = await start();
  const large = JSON.stringify({ alerts: [{ ...alert, annotations: { summary } }] });
  const statuses = [];
  for (let i = 0; i < 25; i += 1) statuses.push(await post(url, large));
  expect(statuses.at(-1)).toBe(429);
  expect(alerts.length * Buffer.byteLength(large)).toBeLessThanOrEqual(ALERT_LIMITS.allBytes);
});

test('connections that send nothing keep an alert out for some seconds only', {
  timeout: 60_000,
}, async () => {
  const { url, alerts } = await start();
  const silent = Array.from({ length: ALERT_LIMITS.connections }, () =>
    connect(receiver?.port ?? 0, '127.0.0.1').on('error', () => {}),
  );
  try {
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    const began = Date.now();
    while ((await post(url, JSON.stringify({ alerts: [alert] })).catch(() => 0)) !== 200)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(alerts).toHaveLength(1);
    expect(Date.now() - began).toBeLessThan(10_000);
  } finally {
    for (const socket of silent) socket.destroy();
  }
});

test('closing waits for what has been taken', async () => {
  const order: string[] = [];
  const steps = new EventEmitter();
  const taken = once(steps, 'taken');
  const written = once(steps, 'written');
  const own = await receiveAlerts({
    listen: '127.0.0.1:0',
    async onAlerts() {
      steps.emit('taken');
      await written;
      order.push('written');
    },
  });
  const sent = post(`http://127.0.0.1:${own.port}/`, JSON.stringify({ alerts: [alert] })).catch(() => 0);
  await taken;
  const closing = own.close().then(() => order.push('closed'));
  await sent;
  // The connection is gone and the server closed: only what was taken is still to be waited for.
  await new Promise((resolve) => setImmediate(resolve));
  steps.emit('written');
  await closing;
  expect(order).toEqual(['written', 'closed']);
});

test('what could not be written down is not acknowledged, and the next call is taken', async () => {
  let isFull = true;
  receiver = await receiveAlerts({
    listen: '127.0.0.1:0',
    onAlerts: async () => {
      if (isFull) throw new Error('disk full');
    },
  });
  const url = `http://127.0.0.1:${receiver.port}/`;
  expect(await post(url, JSON.stringify({ alerts: [alert] }))).toBe(500);
  isFull = false;
  expect(await post(url, JSON.stringify({ alerts: [alert] }))).toBe(200);
});

test('an address that is taken is an error that names the setting', async () => {
  await start();
  await expect(receiveAlerts({ listen: `127.0.0.1:${receiver?.port}`, onAlerts: () => {} })).rejects.toThrow(
    /alerts\.listen/,
  );
});
