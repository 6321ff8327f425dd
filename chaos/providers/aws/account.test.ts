import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { openAccount } from './account.ts';
import { type StandIn, startStandIn } from './fixtures/stand-in.ts';
import { furnish, TEST_CREDENTIALS } from './fixtures/world.ts';

let standIn: StandIn;
beforeEach(async () => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
  standIn = await startStandIn();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await standIn.close();
});

const signal = () => AbortSignal.timeout(10_000);
const settings = () => ({ account: standIn.account, region: 'eu-central-1', endpoint: standIn.endpoint });

test('(stand-in) it says who calls, and refuses another account', async () => {
  const account = openAccount(settings());
  expect((await account.check(signal(), 0)).arn).toBe('arn:aws:sts::123456789012:assumed-role/drills/anna');
  standIn.callerAccount = '999999999999';
  await expect(account.check(signal(), 0)).rejects.toThrow(/of account 999999999999, .* means 123456789012/);
});

test.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_RDS', 'AWS_ENDPOINT_URL_STS'])(
  '%s in the shell is refused, whatever the environment says',
  (name) => {
    vi.stubEnv(name, 'http://127.0.0.1:1');
    expect(() => openAccount(settings())).toThrow(`${name} in this shell would send calls elsewhere`);
  },
);

test('(stand-in) the profile that the environment names is used by every service, whatever the shell has', async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-aws-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = path.join(directory, 'credentials');
  writeFileSync(file, '[drill]\naws_access_key_id = AKIADRILL\naws_secret_access_key = stand-in-for-tests\n');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
  furnish(standIn);
  const account = openAccount({ ...settings(), profile: 'drill' });
  const keys: string[] = [];
  const noted = async (work: Promise<unknown>) => {
    await work;
    keys.push(standIn.accessKey);
  };
  await noted(account.check(signal(), 0));
  await noted((await account.rds()).instance('projects', signal()));
  await noted((await account.rds()).failOverInstance('projects', signal()));
  await noted((await account.elasticache()).group('sessions', signal()));
  await noted((await account.ecs()).running({ cluster: 'music', service: 'gateway' }, signal()));
  await noted((await account.fis()).safetyLever(signal()));
  expect(keys).toEqual(Array.from({ length: 6 }, () => 'AKIADRILL'));
  await openAccount(settings()).check(signal(), 0);
  expect(standIn.accessKey).toBe(TEST_CREDENTIALS.AWS_ACCESS_KEY_ID);
});

test('endpoint_url of ~/.aws/config sends nothing elsewhere', async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-aws-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = path.join(directory, 'config');
  writeFileSync(file, `[default]\nendpoint_url = ${standIn.endpoint}\n`);
  vi.stubEnv('AWS_CONFIG_FILE', file);
  const { account, region } = settings();
  await expect(openAccount({ account, region }).check(signal(), 0)).rejects.toThrow(
    /would have gone to 127\.0\.0\.1, which is not AWS/,
  );
  expect(standIn.calls).toEqual([]);
});

test('(stand-in) credentials that end before the drill does are refused before any call', async () => {
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
  vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', new Date(Date.now() + 100_000).toISOString());
  const account = openAccount(settings());
  await expect(account.check(signal(), 300_000)).rejects.toThrow(
    /the credentials end in \d+ s, and the drill needs them for another 300 s/,
  );
  expect(standIn.calls).toEqual([]);
  const { arn } = await account.check(signal(), 60_000);
  expect(arn).toContain(`::${standIn.account}:`);
});

test('a profile that wants a code from somebody: refused, with the way around', async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-aws-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = path.join(directory, 'config');
  const role = 'role_arn = arn:aws:iam::123456789012:role/drill\nsource_profile = base\n';
  const mfa = 'mfa_serial = arn:aws:iam::123456789012:mfa/anna\n';
  const keys = 'aws_access_key_id = AKIABASE\naws_secret_access_key = stand-in-for-tests\n';
  writeFileSync(file, `[profile drill]\n${role}${mfa}[profile base]\n${keys}`);
  vi.stubEnv('AWS_CONFIG_FILE', file);
  const checking = openAccount({ ...settings(), profile: 'drill' }).check(signal(), 0);
  await expect(checking).rejects.toMatchObject({
    message: expect.stringMatching(/GetCallerIdentity: .*drill requires multi-factor authentication/),
    fix: expect.stringMatching(/asks nobody for a code: get a session/),
  });
  expect(standIn.calls).toEqual([]);
});

test('no credentials at all: said in words', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', '');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
  await expect(openAccount(settings()).check(signal(), 0)).rejects.toThrow(/there are no usable credentials/);
  expect(standIn.calls).toEqual([]);
});
