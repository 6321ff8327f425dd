import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { findFreeBlock } from '../commands/ports.ts';
import { eventually } from '../fixtures/running.ts';
import { nodeProgram, services } from '../lib/inventory.ts';
import { type PortName, paths, port, type Testbed } from '../lib/testbed.ts';
import { findHAProxy } from './haproxy/find.ts';
import { serviceProgram } from './program.ts';

const haproxy = findHAProxy();
const edge = services.find(({ name }) => name === 'edge');
if (edge === undefined) throw new Error('no edge');
const compiled = path.resolve(import.meta.dirname, '../../dist/testbed/edge/main.js');

/** What both have to do, each in front of the same stand-ins for replicas. */
describe.skipIf(haproxy === undefined)('HAProxy', () => behaves('haproxy'));
describe('the load balancer in Node', () => behaves('node'));

function behaves(balancer: 'haproxy' | 'node'): void {
  let dir: string;
  let url: string;
  let child: ReturnType<typeof spawn>;
  const replicas = new Map<PortName, Replica>();
  const replica = (name: PortName) => replicas.get(name) as Replica;
  beforeAll(async () => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'squall-edge-'));
    const basePort = await findFreeBlock();
    const own = balancer === 'haproxy' && haproxy !== undefined ? { haproxy } : {};
    const testbed: Testbed = { id: 'edge', dir, dataDir: dir, basePort, runAs: null, ...own };
    mkdirSync(dir, { recursive: true });
    writeFileSync(paths(dir).testbed, JSON.stringify(testbed));
    writeFileSync(paths(dir).secrets, '{}');
    for (const name of ['gateway-1', 'gateway-2', 'producer', 'vocal-coach'] as const)
      replicas.set(name, await startReplica(name, port(testbed, name)));
    const { command, args } =
      balancer === 'haproxy' ? serviceProgram(testbed, edge as never) : nodeProgram(testbed, edge as never);
    child = spawn(command, balancer === 'haproxy' ? args : [compiled, 'edge'], {
      env: { ...process.env, SQUALL_TESTBED_DIR: dir, SQUALL_TESTBED_SERVICE: 'edge' },
      stdio: 'ignore',
    });
    url = `http://127.0.0.1:${port(testbed, 'edge')}`;
    await eventually('the load balancer', async () => (await ask('/-/health')).status === 200);
  });
  afterAll(async () => {
    const ended = once(child, 'exit');
    child?.kill('SIGTERM');
    await ended;
    for (const { close } of replicas.values()) await close();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    for (const one of replicas.values()) one.reset();
    await eventually('all healthy', async () => (await unhealthy()).length === 0);
  });

  async function ask(where: string, init: RequestInit = {}) {
    const response = await fetch(`${url}${where}`, { signal: AbortSignal.timeout(15_000), ...init });
    const text = await response.text();
    return { status: response.status, text, by: response.headers.get('x-instance') };
  }
  async function unhealthy(): Promise<string[]> {
    const page = JSON.parse((await ask('/-/health')).text) as {
      replicas: { name: string; healthy: boolean }[];
    };
    return [...new Set(page.replicas.filter(({ healthy }) => !healthy).map(({ name }) => name))];
  }
  const seenBy = (where: string) =>
    [...replicas.values()].flatMap(({ name, seen }) => seen.filter((one) => one === where).map(() => name));

  test('its own page says which it is and how the replicas do', async () => {
    const { status, text } = await ask('/-/health');
    expect({ status, page: JSON.parse(text) }).toMatchObject({
      status: 200,
      page: { balancer, status: 'ok' },
    });
    expect((await ask('/-/settings')).text).toBe('{}');
    expect((await ask('/-/metrics')).status).toBe(200);
    expect(JSON.parse((await ask('/-/nothing')).text)).toMatchObject({ status: 404 });
  });

  test.each([
    ['GET', {}],
    ['POST', { 'idempotency-key': 'one' }],
  ] as const)(
    'a %s that may be repeated gets a second attempt on the other replica',
    async (method, headers) => {
      const where = `/break-once/${method}`;
      const body = method === 'GET' ? {} : { body: '{"a":1}' };
      const { status, text } = await ask(where, { method, headers, ...body });
      expect({ status, text }).toEqual({ status: 200, text: method === 'GET' ? '' : '{"a":1}' });
      expect(seenBy(where).toSorted()).toEqual(['gateway-1', 'gateway-2']);
    },
  );

  test('a POST without a key is sent once, and its failure is JSON, or a connection that is closed', async () => {
    const where = '/break-once/unkeyed';
    const answer = await ask(where, { method: 'POST', body: '{"a":1}' }).catch((error: Error) => error);
    expect(seenBy(where)).toHaveLength(1);
    // HAProxy says nothing where its connection to the replica had been used before: clients know what that means.
    if (answer instanceof Error) expect([balancer, answer.message]).toEqual(['haproxy', 'fetch failed']);
    else expect([answer.status, JSON.parse(answer.text).status]).toEqual([502, 502]);
  });

  test('when nobody answers in time, both are tried and the answer is 504', async () => {
    const { status, text } = await ask('/never');
    expect({ status, json: JSON.parse(text) }).toMatchObject({ status: 504, json: { status: 504 } });
    expect(seenBy('/never').toSorted()).toEqual(['gateway-1', 'gateway-2']);
  });

  test('a replica that refuses connections gets no traffic until it is back, and no request fails', async () => {
    await replica('gateway-1').close();
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask('/who')));
    expect(new Set(answers.map(({ status, by }) => `${status} ${by}`))).toEqual(new Set(['200 gateway-2']));
    await eventually('it is out', async () => (await unhealthy()).includes('gateway-1'));
    await replica('gateway-1').open();
    await eventually('it is in', async () => (await unhealthy()).length === 0);
    await eventually('it gets traffic', async () => (await ask('/who')).by === 'gateway-1');
  });

  test('when no replica passes its checks, requests are tried all the same', async () => {
    for (const name of ['gateway-1', 'gateway-2'] as const) replica(name).wellStatus = 503;
    await eventually('both are out', async () => (await unhealthy()).length === 2);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask('/who')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });

  test('only what clients sent carries their address', async () => {
    await ask('/who');
    const { forwarded } = replica(seenBy('/who')[0] as PortName);
    expect(forwarded.get('/who')).toBe('127.0.0.1');
    expect(forwarded.get('/health')).toBeUndefined();
  });

  test('an upgrade goes to the service behind its path and carries bytes both ways', async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/beats`);
    await once(socket, 'open');
    socket.send('there and back');
    const [bytes] = await once(socket, 'message');
    expect(String(bytes)).toBe('producer: there and back');
    socket.close();
    await once(socket, 'close');
  });
}

interface Replica {
  readonly name: PortName;
  /** Paths of the requests that arrived, without checks. */
  readonly seen: string[];
  readonly forwarded: Map<string, string | undefined>;
  wellStatus: number;
  reset(): void;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Paths that broke once, on whichever replica. */
const broken = new Set<string>();

async function startReplica(name: PortName, where: number): Promise<Replica> {
  const server = http.createServer(async (request, response) => {
    const url = request.url ?? '';
    replica.forwarded.set(url, request.headers['x-forwarded-for'] as string | undefined);
    if (url === '/health') return response.writeHead(replica.wellStatus).end('{}');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    replica.seen.push(url);
    if (url === '/never') return;
    if (url.startsWith('/break-once') && !broken.has(url)) {
      broken.add(url);
      return request.socket.destroy();
    }
    response.writeHead(200, { 'x-instance': name }).end(Buffer.concat(chunks));
  });
  new WebSocketServer({ server }).on('connection', (socket) =>
    socket.on('message', (bytes) => socket.send(`${name}: ${bytes}`)),
  );
  const replica: Replica = {
    name,
    seen: [],
    forwarded: new Map(),
    wellStatus: 200,
    reset() {
      broken.clear();
      replica.seen.length = 0;
      replica.wellStatus = 200;
    },
    async open() {
      server.listen(where, '127.0.0.1');
      await once(server, 'listening');
      expect((server.address() as AddressInfo).port).toBe(where);
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  await replica.open();
  return replica;
}
