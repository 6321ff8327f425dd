import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openAccount } from '../../chaos/providers/aws/account.ts';
import { isRefusal } from '../../chaos/providers/aws/errors.ts';
import { type StandIn, startStandIn } from '../../chaos/providers/aws/fixtures/stand-in.ts';
import { furnish, TEST_CREDENTIALS } from '../../chaos/providers/aws/fixtures/world.ts';
import { startTunnel, type Tunnel } from '../tunnel.ts';

const START_URL = 'https://music.awsapps.com/start';
let directory: string;
let standIn: StandIn;
let tunnel: Tunnel;
beforeEach(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-proxy-'));
  standIn = await startStandIn();
  furnish(standIn);
  tunnel = await startTunnel({
    directory,
    to: standIn.endpoint,
    answers: { 'portal.sso': roleCredentials() },
  });
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
  for (const name of ['https_proxy', 'NO_PROXY', 'no_proxy']) vi.stubEnv(name, undefined);
  vi.stubEnv('HTTPS_PROXY', tunnel.url);
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await tunnel.close();
  await standIn.close();
  rmSync(directory, { recursive: true });
});

const signal = () => AbortSignal.timeout(10_000);
const settings = () => ({ account: standIn.account, region: 'eu-central-1' });

test('(stand-in) where HTTPS_PROXY names a proxy, each service of AWS is called through it, orders too', async () => {
  vi.stubEnv('HTTPS_PROXY', tunnel.url.replace('//', '//anna:a%40b@'));
  const account = openAccount(settings());
  await account.check(signal(), 0);
  await (await account.rds()).failOverInstance('projects', signal());
  await (await account.ecs()).running({ cluster: 'music', service: 'gateway' }, signal());
  expect((await (await account.fis()).safetyLever(signal())).status).toBe('disengaged');
  expect(standIn.orders).toEqual(['RebootDBInstance projects']);
  const services = ['sts', 'rds', 'ecs', 'fis'].map((name) => `${name}.eu-central-1.amazonaws.com:443`);
  expect([...new Set(tunnel.hosts)]).toEqual(services);
  const basic = `Basic ${Buffer.from('anna:a@b').toString('base64')}`;
  expect([...new Set(tunnel.credentials)]).toEqual([basic]);
});

test('(stand-in) credentials of SSO are fetched through the proxy, too', async () => {
  for (const name of Object.keys(TEST_CREDENTIALS)) vi.stubEnv(name, undefined);
  vi.stubEnv('HOME', directory);
  const config = path.join(directory, 'config');
  writeFileSync(
    config,
    `[profile drill]\nsso_start_url = ${START_URL}\nsso_region = eu-central-1\nsso_account_id = ${standIn.account}\nsso_role_name = drill\n`,
  );
  vi.stubEnv('AWS_CONFIG_FILE', config);
  const cache = path.join(directory, '.aws/sso/cache');
  mkdirSync(cache, { recursive: true });
  // As `aws sso login` leaves it.
  const token = { accessToken: 'token', expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
  const name = createHash('sha1').update(START_URL).digest('hex');
  writeFileSync(path.join(cache, `${name}.json`), JSON.stringify(token));
  await openAccount({ ...settings(), profile: 'drill' }).check(signal(), 0);
  expect(standIn.accessKey).toBe('AKIASSO');
  expect(tunnel.hosts).toEqual([
    'portal.sso.eu-central-1.amazonaws.com:443',
    'sts.eu-central-1.amazonaws.com:443',
  ]);
});

test.each([
  [
    407,
    /the proxy 127\.0\.0\.1:\d+ wants other credentials \(HTTP 407 for sts\.eu-central-1\.amazonaws\.com\)/,
  ],
  [403, /the proxy 127\.0\.0\.1:\d+ refuses to connect \(HTTP 403 for sts/],
])('a proxy that answers %d is named, and nothing was sent', async (status, message) => {
  vi.stubEnv('HTTPS_PROXY', tunnel.url.replace('//', '//anna:secret@'));
  tunnel.status = status;
  const error = await openAccount(settings())
    .check(signal(), 0)
    .catch((cause) => cause);
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('secret');
  expect(error.fix).toMatch(/HTTPS_PROXY and NO_PROXY/);
  expect(isRefusal(error)).toBe(true);
  expect(standIn.calls).toEqual([]);
});

test('an endpoint of tests is never looked for behind the proxy', async () => {
  await openAccount({ ...settings(), endpoint: standIn.endpoint }).check(signal(), 0);
  expect([tunnel.hosts, standIn.calls]).toEqual([[], ['sts:GetCallerIdentity']]);
});

test.each(['socks5://127.0.0.1:1080', 'http://', '::'])('HTTPS_PROXY=%s is refused', (proxy) => {
  vi.stubEnv('HTTPS_PROXY', proxy);
  expect(() => openAccount(settings())).toThrow(/HTTPS_PROXY in this shell is not the URL of a proxy/);
});

/** The answer of GetRoleCredentials. */
function roleCredentials(): object {
  const expiration = Date.now() + 3_600_000;
  const roleCredentials = { accessKeyId: 'AKIASSO', secretAccessKey: 's', sessionToken: 't', expiration };
  return { roleCredentials };
}
