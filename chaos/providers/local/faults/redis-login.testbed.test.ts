import { afterEach, describe, expect, test } from 'vitest';
import { freePorts } from '../../../../test/free-port.ts';
import { resolveSecrets } from '../../../definitions/secrets/resolve-secrets.ts';
import type { FaultRequest } from '../../../provider.ts';
import { contextOf } from '../../contract.ts';
import { hasRedis, type RedisGroup, startRedisGroup } from '../fixtures/redis.ts';
import { requestOf } from '../fixtures/world.ts';
import { createLocalProvider } from '../provider.ts';
import { askRedis } from './redis-client.ts';
import { RIGHTS } from './redis-refusal.ts';

const PASSWORD = 'open-sesame';
const ref = (name: string) => `\${env:${name}}`;
const RIGHT = { password: ref('RIGHT') };
const WRONG = { password: ref('WRONG') };
const provider = createLocalProvider();
const within = () => AbortSignal.timeout(30_000);

let group: RedisGroup | undefined;
afterEach(() => group?.close());

describe.skipIf(!hasRedis)('Redis', () => {
  test('with passwords: what is missing or wrong is said, and with them it fails over', async () => {
    group = await startRedisGroup({ password: PASSWORD });
    const { nodes, sentinels } = group.redis;
    const story = (answer: string) => sentinels.map((address) => `${address}: ${answer}`).join('; ');
    await expect(resolve({})).rejects.toMatchObject({
      message: `component target: the sentinels do not let squall in (${story('NOAUTH Authentication required.')})`,
      fix: `add sentinelAuth: { password: "${ref('NAME')}" } to \`redis\` in the environment`,
    });
    await expect(resolve({ sentinelAuth: WRONG })).rejects.toMatchObject({
      message: expect.stringContaining('WRONGPASS'),
      fix: 'correct the username or the password of `sentinelAuth` in the environment',
    });
    await expect(resolve({ sentinelAuth: RIGHT })).rejects.toMatchObject({
      message: `component target: ${nodes[0]?.address} does not let squall in: NOAUTH Authentication required.`,
      fix: `add auth: { password: "${ref('NAME')}" } to \`redis\` in the environment`,
    });
    const login = { username: 'squall', ...RIGHT };
    for (const { address } of nodes) {
      await allow(address);
      await expect(resolve({ auth: login, sentinelAuth: RIGHT })).rejects.toMatchObject({
        fix: `give the user of \`auth\` these rights: ${RIGHTS.auth}`,
      });
      await allow(address, RIGHTS.auth);
      for (const use of ['INFO all', 'CLIENT LIST', 'ACL CAT write']) {
        await askRedis({ address, login: { username: 'squall', password: PASSWORD } }, use.split(' '));
      }
    }
    for (const address of sentinels) await allow(address, RIGHTS.sentinelAuth);
    const request = requestWith({ auth: login, sentinelAuth: login });
    const { targets } = await provider.resolve(request, within());
    const session = await provider.open(contextOf(request), within());
    const prepared = await session.prepare(request, targets, within());
    await prepared.act(within());
    await prepared.observe(within());
    const { seen } = await prepared.observeEnd(within()).finally(() => session.close());
    expect(seen).toEqual([
      expect.stringMatching(`^${nodes[1]?.address} took over from ${nodes[0]?.address};`),
    ]);
  });

  test('whose sentinels know it by other addresses, or are one sentinel by two names', async () => {
    group = await startRedisGroup();
    const { nodes, sentinels } = group.redis;
    const master = nodes[0]?.address ?? '';
    const elsewhere = nodes.map((node) => ({ ...node, address: node.address.replace('127.0.0.1', '[::1]') }));
    await expect(resolve({ nodes: elsewhere })).rejects.toMatchObject({
      message: expect.stringContaining(
        `the sentinels name ${master} as the master, which is none of the nodes`,
      ),
      fix: expect.stringContaining('as the sentinels name them'),
    });
    const local = (address: string) => address.replace('127.0.0.1', 'localhost');
    const named = nodes.map((node) => ({ ...node, address: local(node.address) }));
    expect((await resolve({ nodes: named })).targets).toMatchObject([{ label: expect.any(String) }]);
    const one = sentinels[0] ?? '';
    const down = `127.0.0.1:${(await freePorts(1))[0]}`;
    await expect(resolve({ sentinels: [one, local(one), down] })).rejects.toThrow(
      'the sentinels name no master',
    );
  });

  test('on IPv6, as the environment writes it', async () => {
    group = await startRedisGroup({ host: '::1' });
    const { nodes } = group.redis;
    expect(nodes[0]?.address).toMatch(/^\[::1\]:\d+$/);
    expect((await resolve({})).targets).toMatchObject([{ identity: { pidFile: nodes[0]?.pidFile } }]);
  });
});

function allow(address: string, rights = ''): Promise<unknown> {
  const user = ['ACL', 'SETUSER', 'squall', 'reset', 'on', `>${PASSWORD}`];
  return askRedis({ address, login: { password: PASSWORD } }, [
    ...user,
    ...rights.split(' ').filter(Boolean),
  ]);
}

const resolve = (logins: object) => provider.resolve(requestWith(logins), within());

function requestWith(logins: object): FaultRequest {
  const request = requestOf({ kind: 'failover' }, { redis: { ...group?.redis, ...logins } });
  const { environment, secrets } = resolveSecrets(request.environment, {
    RIGHT: PASSWORD,
    WRONG: 'let-me-in',
  });
  if ('auth' in logins) expect(secrets).toContain(PASSWORD);
  const component = environment.components.target;
  if (component === undefined) throw new Error('the component is named target');
  return { ...request, environment, component };
}
