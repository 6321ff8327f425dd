import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { portOffsets, type Testbed } from '../../lib/testbed.ts';
import { smoke } from './smoke.ts';

const answers: Readonly<Record<string, string>> = {
  'GET /health': '{"status":"ok"}',
  'POST /api/login': '{"token":"t"}',
  'GET /api/session': '{}',
  'GET /api/projects': '[]',
  'POST /api/projects': '{"id":"7"}',
  'GET /api/projects/7': '{"name":"smoke"}',
};

/** What a smoke test says of a gateway of which this request does not work; its answer may also be another one. */
async function smokeOf(broken: string, answer?: string) {
  const server = createServer((request, response) => {
    request.resume();
    const asked = `${request.method} ${request.url}`;
    if (asked === broken && answer === undefined) response.writeHead(500);
    response.end(asked === broken ? (answer ?? '{}') : (answers[asked] ?? '{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    return await smoke({ basePort: port - portOffsets['gateway-2'] } as Testbed, 'gateway-2');
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const good = { health: 'good', endpoints: 'good', database: 'good' };

test('a gateway that is well has all three', async () => {
  expect(await smokeOf('')).toEqual(good);
});

test.each([
  ['GET /health', 'health'],
  ['GET /api/session', 'endpoints'],
  ['GET /api/projects', 'endpoints'],
  ['POST /api/projects', 'database'],
  ['GET /api/projects/7', 'database'],
])('without %s it fails: %s', async (broken, part) => {
  expect(await smokeOf(broken)).toEqual({ ...good, [part]: 'failed' });
});

test('a write that is read back as something else has failed', async () => {
  expect(await smokeOf('GET /api/projects/7', '{"name":"another"}')).toEqual({ ...good, database: 'failed' });
});
