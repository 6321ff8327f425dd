import { afterEach, expect, test } from 'vitest';
import { ALERT_LIMITS, type AlertReceiver, receiveAlerts } from './alerts.ts';
import type { ReceivedAlert } from './journal.types.ts';

let receiver: AlertReceiver | undefined;
afterEach(() => receiver?.close());

async function start(): Promise<{ url: string; alerts: ReceivedAlert[] }> {
  const alerts: ReceivedAlert[] = [];
  receiver = await receiveAlerts({ listen: '127.0.0.1:0', onAlert: (alert) => alerts.push(alert) });
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

test('an address that is taken is an error that names the setting', async () => {
  await start();
  await expect(receiveAlerts({ listen: `127.0.0.1:${receiver?.port}`, onAlert: () => {} })).rejects.toThrow(
    /alerts\.listen/,
  );
});
