import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openAccount } from '../../chaos/providers/aws/account.ts';
import { type Moto, motoServer, startMoto } from '../../chaos/providers/aws/fixtures/moto.ts';
import { TEST_CREDENTIALS } from '../../chaos/providers/aws/fixtures/world.ts';
import { startTunnel, type Tunnel } from '../tunnel.ts';

const ROLE = 'arn:aws:iam::123456789012:role/drill';

// An endpoint of the environment is not that of the chain of credentials. Behind a proxy, all names of AWS can lead to moto.
describe.skipIf(motoServer === null)('(moto, by a proxy) credentials of a role', () => {
  let directory: string;
  let moto: Moto;
  let tunnel: Tunnel;
  beforeAll(async () => {
    moto = await startMoto();
  }, 60_000);
  afterAll(() => moto?.close());
  beforeEach(async () => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'squall-roles-'));
    tunnel = await startTunnel({ directory, to: moto.endpoint });
    const none = [
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_PROFILE',
      'NO_PROXY',
      'no_proxy',
      'https_proxy',
    ];
    for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
    for (const name of none) vi.stubEnv(name, undefined);
    vi.stubEnv('HTTPS_PROXY', tunnel.url);
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await tunnel.close();
    rmSync(directory, { recursive: true });
  });

  function write(name: string, text: string): string {
    const file = path.join(directory, name);
    writeFileSync(file, text);
    return file;
  }

  async function caller(profile?: string): Promise<string> {
    const settings = { account: '123456789012', region: 'eu-central-1', ...(profile && { profile }) };
    return (await openAccount(settings).check(AbortSignal.timeout(10_000), 60_000)).arn;
  }

  test('a profile that assumes one with the keys of another', async () => {
    const role = `role_arn = ${ROLE}\nsource_profile = base\nrole_session_name = anna\n`;
    vi.stubEnv('AWS_CONFIG_FILE', write('config', `[profile drill]\n${role}`));
    const keys = 'aws_access_key_id = AKIABASE\naws_secret_access_key = stand-in-for-tests\n';
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', write('credentials', `[base]\n${keys}`));
    expect(await caller('drill')).toBe('arn:aws:sts::123456789012:assumed-role/drill/anna');
    expect([...new Set(tunnel.hosts)]).toEqual(['sts.eu-central-1.amazonaws.com:443']);
  });

  test('a web identity, as pods of EKS and jobs of GitHub have one', async () => {
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', write('token', 'a.b.c'));
    vi.stubEnv('AWS_ROLE_ARN', ROLE);
    vi.stubEnv('AWS_ROLE_SESSION_NAME', 'pod');
    expect(await caller()).toBe('arn:aws:sts::123456789012:assumed-role/drill/pod');
    expect([...new Set(tunnel.hosts)]).toEqual(['sts.eu-central-1.amazonaws.com:443']);
  });
});
