import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { localComponent } from '../component.ts';
import { askRedis } from './redis-client.ts';
import { problemOf, wayIn } from './redis-refusal.ts';

test.each([
  ['NOAUTH Authentication required.', 'add auth: { password: '],
  ['WRONGPASS invalid username-password pair or user is disabled.', 'correct the username or the password'],
  ['ERR AUTH <password> called without any password configured for the default user.', 'remove `auth`'],
  ["NOPERM this user has no permissions to run the 'info' command", 'these rights: +info'],
])('%s', (problem, fix) => {
  expect(wayIn(problem, 'auth')).toContain(fix);
});

test.each([
  ['no problem', undefined],
  ['no server', 'connect ECONNREFUSED 127.0.0.1:6379'],
  ['one that hangs', 'no answer within 5000 ms'],
])('%s keeps nobody out', (_, problem) => {
  expect(wayIn(problem, 'auth')).toBeUndefined();
});

test('a server that closes the connection at the first word may want TLS', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const problem = await askRedis({ address }, ['PING']).catch((error: Error) => error.message);
  server.close();
  expect(wayIn(String(problem), 'auth')).toContain('squall speaks no TLS with Redis');
});

test('protected mode, which says so to a client that has asked for nothing yet', async () => {
  const server = createServer((socket) =>
    socket.on('error', () => {}).end('-DENIED Redis is running in protected mode. You may adopt 1) this\r\n'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const problem = await askRedis({ address }, ['PING']).catch(problemOf);
  server.close();
  expect(problem).toBe('DENIED Redis is running in protected mode.');
  expect(wayIn(String(problem), 'auth')).toContain('protected-mode no');
});

test.each([
  ['[::1]:6379', true],
  ['172.17.0.1:6379', true],
  ['192.168.1.10:6379', true],
  ['10.0.0.4:6379', true],
  ['172.32.0.1:6379', false],
  ['redis.example.com:6379', false],
])('a node or a sentinel may be %s: %s', (address, may) => {
  const redis = (node: string, sentinel: string) => ({
    provider: 'local',
    redis: {
      master: 'main',
      sentinels: [sentinel],
      nodes: [
        { address: node, pidFile: 'a.pid' },
        { address: '127.0.0.1:1', pidFile: 'b.pid' },
      ],
    },
  });
  expect(localComponent.safeParse(redis(address, '127.0.0.1:2')).success).toBe(may);
  expect(localComponent.safeParse(redis('127.0.0.1:2', address)).success).toBe(may);
});
