import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Running, startTestbed } from './fixtures/running.ts';
import { lookUp, wrong } from './fixtures/writer.ts';

let testbed: Running;
let token: string;
beforeAll(async () => {
  testbed = await startTestbed();
  token = await testbed.login();
});
afterAll(() => testbed?.end());

const create = (body: unknown, headers: Record<string, string> = {}, as = token) =>
  testbed.call('/api/projects', { token: as, body, headers });

test('GET /health answers with a body, and each answer carries the correlation id of its request', async () => {
  const { status, json, headers } = await testbed.call('/health', {
    headers: { 'x-correlation-id': 'abc-123' },
  });
  expect({ status, json }).toMatchObject({ status: 200, json: { status: 'ok' } });
  expect(headers.get('x-correlation-id')).toBe('abc-123');
});

test('an invalid correlation id is replaced', async () => {
  const { headers } = await testbed.call('/health', { headers: { 'x-correlation-id': 'a b;c' } });
  expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('without a token, with a foreign one and with a changed one the answer is 401', async () => {
  const [head, body, signature] = token.split('.') as [string, string, string];
  const forged = Buffer.from(body, 'base64url').toString().replace('"user"', '"admin"');
  const changed = [head, Buffer.from(forged).toString('base64url'), signature].join('.');
  const unsigned = [
    Buffer.from('{"alg":"none"}').toString('base64url'),
    Buffer.from(forged).toString('base64url'),
    '',
  ];
  for (const given of [undefined, 'x', changed, unsigned.join('.')]) {
    const { status } = await testbed.call('/api/projects', given === undefined ? {} : { token: given });
    expect(status).toBe(401);
  }
});

test('a token that has expired is refused with 401, unless the sabotage switch accepts it', async () => {
  const { json } = await testbed.call('/api/login', {
    body: { user: 'user', password: 'squall', ttlSeconds: 1 },
  });
  const status = async () => (await testbed.call('/api/projects', { token: json.token })).status;
  await eventually('401', async () => (await status()) === 401);
  expect((await testbed.command('set', 'accept-expired=true')).exitCode).toBe(0);
  await eventually('200', async () => (await status()) === 200);
  testbed.set('accept-expired=false');
  await eventually('401 again', async () => (await status()) === 401);
});

test('a wrong password is refused with 401', async () => {
  expect((await testbed.call('/api/login', { body: { user: 'user', password: 'no' } })).status).toBe(401);
});

test('a user gets 403 where the admin role is needed', async () => {
  const admin = await testbed.login('admin');
  expect((await testbed.call('/api/admin/status', { token })).status).toBe(403);
  expect((await testbed.call('/api/admin/status', { token: admin })).status).toBe(200);
  expect((await testbed.call('/api/writes/lookup', { token, body: { ids: [] } })).status).toBe(403);
  expect((await testbed.call('/api/writes/lookup', { token: admin, body: { ids: [] } })).status).toBe(200);
});

test("another user's project is refused with 403, and only its owner can change it", async () => {
  const alice = await testbed.login('alice');
  const { json } = await create({ name: 'mine', bpm: 90 });
  expect((await testbed.call(`/api/projects/${json.id}`, { token })).json).toMatchObject({ name: 'mine' });
  expect((await testbed.call(`/api/projects/${json.id}`, { token: alice })).status).toBe(403);
  const change = { method: 'PUT', body: { name: 'hers', bpm: 90, version: 1 } };
  expect((await testbed.call(`/api/projects/${json.id}`, { ...change, token: alice })).status).toBe(403);
});

test('of two racing changes to one project one wins and the other gets 409', async () => {
  const { json } = await create({ name: 'race', bpm: 90 });
  const change = (name: string) =>
    testbed.call(`/api/projects/${json.id}`, { method: 'PUT', token, body: { name, bpm: 91, version: 1 } });
  const statuses = (await Promise.all([change('a'), change('b')])).map((answer) => answer.status);
  expect(statuses.toSorted()).toEqual([200, 409]);
});

test('one idempotency key stores one project, however often it is sent, and by however many at once', async () => {
  const key = randomUUID();
  const body = { name: 'once', bpm: 100 };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => create(body, { 'idempotency-key': key })),
  );
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
  expect(new Set(answers.map((answer) => answer.json.id)).size).toBe(1);
  expect(await lookUp(testbed, [key, 'never-sent'])).toEqual({ [key]: 1 });
  expect((await create({ name: 'other', bpm: 100 }, { 'idempotency-key': key })).status).toBe(422);
});

test.each([
  { name: '', bpm: 100 },
  { name: 'x'.repeat(121), bpm: 100 },
  { name: 'x', bpm: 19 },
  { name: 'x', bpm: 301 },
  { name: 'x', bpm: '100' },
  { name: 'x', bpm: 100, owner: 'alice' },
  { name: 'x' },
])('a project outside the constraints is refused with 400: %j', async (body) => {
  expect((await create(body)).status).toBe(400);
});

test('markup in a name is stored as it is and served as JSON; SQL in a search is plain text', async () => {
  const bob = await testbed.login('bob');
  const name = `<script>alert('x')</script> 100%_`;
  await create({ name, bpm: 100 }, {}, bob);
  const search = async (text: string) =>
    (await testbed.call(`/api/projects?search=${encodeURIComponent(text)}`, { token: bob })).json.projects;
  expect(await search(name)).toMatchObject([{ name }]);
  expect(await search(`' OR '1'='1`)).toEqual([]);
  expect(await search('%')).toHaveLength(1);
  expect(await search('x_')).toEqual([]);
});

test('bodies over 10 MB are refused with 413, whether or not their length is announced, and harm nobody', async () => {
  expect((await create({ name: 'x'.repeat(10_500_000), bpm: 1 })).status).toBe(413);
  expect(await postChunks(`${testbed.url}/api/projects`, 11)).toBe(413);
  expect(await postChunks(`${testbed.origin('gateway-1')}/api/projects`, 11)).toBe(413);
  const { json } = await testbed.call('/-/health');
  const gateways = json.replicas.filter(({ name }: { name: string }) => name.startsWith('gateway-'));
  // One entry for each route to it.
  expect(new Set(gateways.map(({ name }: { name: string }) => name))).toEqual(
    new Set(['gateway-1', 'gateway-2']),
  );
  expect(gateways.filter(({ healthy }: { healthy: boolean }) => !healthy)).toEqual([]);
});

test('the 101st request of a minute with one API key gets 429 with the time to wait; tokens are not limited', async () => {
  const limited = (key: string) => testbed.call('/api/limited', { headers: { 'x-api-key': key } });
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 110 }, () => limited(key)));
  const statuses = answers.map((answer) => answer.status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(100);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  const refused = answers.find((answer) => answer.status === 429);
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await limited(randomUUID())).status).toBe(200);
  expect((await testbed.call('/api/limited')).status).toBe(401);
});

test('metrics are in the Prometheus format and count requests by route', async () => {
  const { text } = await testbed.call(`${testbed.origin('gateway-1')}/metrics`);
  expect(text).toMatch(/^http_requests_total\{.*route="\/health".*\} \d+/m);
  expect(text).toContain('process_resident_memory_bytes');
});

test('the lookup shows a testbed that loses or duplicates writes', async () => {
  testbed.set('forget-writes=5');
  const forgotten = await eventually('a forgotten write', () => wrongOf(5));
  testbed.set('forget-writes=0', 'duplicate-writes=5');
  const doubled = await eventually('a doubled write', async () => {
    const found = await wrongOf(5);
    return found !== undefined && Object.values(found).includes(2) ? found : undefined;
  });
  testbed.set('duplicate-writes=0');
  expect(Object.values(forgotten)).toContain(0);
  expect(Object.values(doubled)).toContain(2);
});

test('the other switches do what they say: empty health, slow paths, errors, no limiter', async () => {
  testbed.set('empty-health=true');
  await eventually('an empty health', async () => {
    const { status, text } = await testbed.call('/health');
    return status === 200 && text === '';
  });
  testbed.set('empty-health=false', 'slow-ms=400', 'slow-path=/api/limited');
  const key = { headers: { 'x-api-key': randomUUID() } };
  await eventually('a slow answer', async () => {
    const start = performance.now();
    await testbed.call('/api/limited', key);
    return performance.now() - start >= 400;
  });
  testbed.set('slow-ms=0', 'error-share=1');
  await eventually('an error', async () => (await testbed.call('/api/limited', key)).status === 500);
  testbed.set('error-share=0', 'rate-limiter-off=true');
  await eventually('no limit', async () => {
    const answers = await Promise.all(Array.from({ length: 120 }, () => testbed.call('/api/limited', key)));
    return answers.every((answer) => answer.status === 200);
  });
  testbed.set('rate-limiter-off=false');
});

test('an unknown switch is refused and named', async () => {
  const { exitCode, stderr } = await testbed.command('set', 'forget-write=5');
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 64,
    stderr: expect.stringContaining('forget-write'),
  });
});

async function wrongOf(count: number): Promise<Record<string, number> | undefined> {
  const keys = Array.from({ length: count * 2 }, () => randomUUID());
  for (const key of keys) await create({ name: key, bpm: 100 }, { 'idempotency-key': key });
  const counts = await lookUp(testbed, keys);
  const found = wrong(keys, counts);
  return found.length === 0 ? undefined : Object.fromEntries(found.map((key) => [key, counts[key] ?? 0]));
}

/** A body of unannounced length, 1 MB at a time, until it is answered. */
function postChunks(url: string, megabytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    });
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
      request.destroy();
    });
    request.on('error', reject);
    const send = (left: number): void => {
      if (left === 0) request.end();
      else if (!request.destroyed) request.write('x'.repeat(1_000_000), () => send(left - 1));
    };
    send(megabytes);
  });
}
