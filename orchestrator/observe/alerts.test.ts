import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import type { ReceivedAlert } from '../journal/events.ts';
import { ALERT_LIMITS, type AlertReceiver, receiveAlerts } from './alerts.ts';

let receiver: AlertReceiver | undefined;
afterEach(() => receiver?.close());

async function start() {
  const alerts: ReceivedAlert[] = [];
  const refused: { count: number | null; reason: string }[] = [];
  receiver = await receiveAlerts({
    listen: '127.0.0.1:0',
    onAlerts: (some) => void alerts.push(...some),
    onRefused: (count, reason) => void refused.push({ count, reason }),
  });
  return { url: `http://127.0.0.1:${receiver.port}/`, alerts, refused };
}

async function post(url: string, body: string | Buffer<ArrayBuffer>, encoding?: string): Promise<number> {
  const headers: Record<string, string> = encoding === undefined ? {} : { 'content-encoding': encoding };
  return (await fetch(url, { method: 'POST', body, headers })).status;
}

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
  ['no JSON', 'hello', 400, 'the body is not JSON'],
  ['no alerts in it', '{}', 400, 'there is no list of alerts in it'],
  ['alerts that are no list', '{"alerts":{"0":{}}}', 400, 'there is no list of alerts in it'],
  ['null', 'null', 400, 'there is no list of alerts in it'],
  ['nothing', '', 400, 'the body is not JSON'],
  ['a body that is too large', 'x'.repeat(ALERT_LIMITS.callBytes + 1), 413, 'the call is larger than 16 MB'],
])('%s is refused, counts for nothing, and is written down', async (_, body, status, reason) => {
  const { url, alerts, refused } = await start();
  expect(await post(url, body)).toBe(status);
  expect(alerts).toEqual([]);
  expect(refused).toEqual([{ count: null, reason }]);
});

test('a storm in one call is taken whole', async () => {
  const { url, alerts, refused } = await start();
  const storm = Array.from({ length: 5_000 }, (_, i) => ({ ...alert, labels: { component: `c${i}` } }));
  expect(await post(url, JSON.stringify({ alerts: storm }))).toBe(200);
  expect(alerts).toHaveLength(5_000);
  expect(refused).toEqual([]);
});

test('bad alerts in a call do not cost the good ones, and are counted by reason', async () => {
  const { url, alerts, refused } = await start();
  const bad = [
    'text',
    null,
    { status: 'firing' },
    { ...alert, labels: ['a'] },
    { ...alert, labels: null },
    { ...alert, status: 'pending' },
  ];
  expect(await post(url, JSON.stringify({ alerts: [alert, ...bad, alert] }))).toBe(200);
  expect(alerts).toHaveLength(2);
  expect(await post(url, JSON.stringify({ alerts: bad }))).toBe(400);
  expect(alerts).toHaveLength(2);
  await receiver?.close();
  receiver = undefined;
  const counts: Record<string, number> = {};
  for (const { count, reason } of refused) counts[reason] = (counts[reason] ?? 0) + (count ?? Number.NaN);
  expect(counts).toEqual({
    'it is not an object': 4,
    'it has no labels': 6,
    'its status is neither firing nor resolved': 2,
  });
});

test('alerts end at a limit in bytes, and what was over it is counted', { timeout: 30_000 }, async () => {
  const { url, alerts, refused } = await start();
  const large = { ...alert, annotations: { summary: '\u20ac'.repeat(400_000) } };
  const body = JSON.stringify({ alerts: Array.from({ length: 10 }, () => large) });
  const statuses = [];
  for (let i = 0; i < 6; i += 1) statuses.push(await post(url, body));
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  expect(alerts.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0)).toBeLessThanOrEqual(
    ALERT_LIMITS.allBytes,
  );
  expect(refused).toEqual([
    { count: 60 - alerts.length, reason: 'the alerts of this run are more than 64 MB' },
  ]);
});

test('a flood of calls that are refused is written down seldom: its first, and the rest at the end', async () => {
  const { url, refused } = await start();
  for (let i = 0; i < 50; i += 1) await post(url, JSON.stringify({ alerts: [{}] }));
  expect(refused).toHaveLength(1);
  await receiver?.close();
  receiver = undefined;
  expect(refused).toEqual([
    { count: 1, reason: 'it has no labels' },
    { count: 49, reason: 'it has no labels' },
  ]);
});

test('large calls at the same time are asked to come again, and are taken when they do', async () => {
  const taken = new EventEmitter();
  const go = once(taken, 'go');
  const refused: string[] = [];
  receiver = await receiveAlerts({
    listen: '127.0.0.1:0',
    onAlerts: async () => void (await go),
    onRefused: (_, reason) => void refused.push(reason),
  });
  const url = `http://127.0.0.1:${receiver.port}/`;
  const large = JSON.stringify({ alerts: [alert], padding: 'x'.repeat(15_000_000) });
  const sent = Array.from({ length: 5 }, () => post(url, large));
  expect(await Promise.race(sent)).toBe(503);
  taken.emit('go');
  expect((await Promise.all(sent)).sort()).toEqual([200, 200, 200, 200, 503]);
  expect(await post(url, large)).toBe(200);
  expect(refused).toEqual([expect.stringContaining('come again')]);
});

const compress = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: (body: Buffer) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
};
const storm = JSON.stringify({ alerts: Array.from({ length: 1_500 }, () => alert) });

test.each([
  ['gzip', gzipSync(storm)],
  ['x-gzip', gzipSync(storm)],
  ['GZIP', gzipSync(storm)],
  ['deflate', deflateSync(storm)],
  ['deflate', deflateRawSync(storm)],
  ['br', brotliCompressSync(storm)],
  ['identity', Buffer.from(storm)],
  ['gzip', Buffer.from(storm)],
  [undefined, gzipSync(storm)],
])('a body in %s is read', async (encoding, body) => {
  const { url, alerts } = await start();
  expect(await post(url, body, encoding)).toBe(200);
  expect(alerts).toHaveLength(1_500);
});

test.each([
  ['gzip', gzipSync(storm).subarray(0, -9), 400],
  ['deflate', deflateSync(storm).subarray(0, -9), 400],
  ['zstd', Buffer.from(storm), 415],
  ['gzip, gzip', gzipSync(gzipSync(storm)), 415],
])('a body in %s that cannot be read is refused', async (encoding, body, status) => {
  const { url, alerts, refused } = await start();
  expect(await post(url, body, encoding)).toBe(status);
  expect(alerts).toEqual([]);
  expect(refused).toHaveLength(1);
});

test.each(Object.entries(compress))(
  'a small body that grows without end in %s is refused',
  async (encoding, pack) => {
    const { url, refused } = await start();
    const bomb = pack(Buffer.alloc(40_000_000));
    expect(bomb.length).toBeLessThan(ALERT_LIMITS.callBytes);
    expect(await post(url, bomb, encoding)).toBe(413);
    expect(refused).toEqual([{ count: null, reason: 'the call is larger than 16 MB' }]);
  },
  20_000,
);

test.each([
  ['with the byte-order mark of UTF-8 and an empty line at its end', Buffer.from(`\ufeff${storm}\n\n`)],
  ['in UTF-16 with its mark', Buffer.from(`\ufeff${storm}`, 'utf16le')],
])('a body %s is read', async (_, body) => {
  const { url, alerts } = await start();
  expect(await post(url, body)).toBe(200);
  expect(alerts).toHaveLength(1_500);
});

test('a body of unannounced length is read', async () => {
  const { url, alerts } = await start();
  const parts = async function* () {
    for (const part of JSON.stringify({ alerts: [alert, alert] }).match(/.{1,7}/g) ?? [])
      yield Buffer.from(part);
  };
  const { status } = await fetch(url, { method: 'POST', body: parts(), duplex: 'half' } as RequestInit);
  expect(status).toBe(200);
  expect(alerts).toHaveLength(2);
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
