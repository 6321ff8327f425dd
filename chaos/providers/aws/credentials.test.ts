import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openAccount } from './account.ts';
import { type StandIn, startStandIn } from './fixtures/stand-in.ts';
import { furnish, INSTANCE, requestOf, TEST_CREDENTIALS } from './fixtures/world.ts';
import { createAwsProvider } from './provider.ts';

let directory: string;
let standIn: StandIn;
beforeEach(async () => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
  vi.stubEnv('AWS_PROFILE', undefined);
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-aws-'));
  vi.stubEnv('HOME', directory);
  standIn = await startStandIn();
});
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await standIn.close();
  rmSync(directory, { recursive: true });
});

const KEYS = 'aws_access_key_id = AKIABASE\naws_secret_access_key = stand-in-for-tests\n';
const ROLE = 'role_arn = arn:aws:iam::123456789012:role/drill\n';
const START_URL = 'https://music.awsapps.com/start';
const SSO = `sso_start_url = ${START_URL}\nsso_region = eu-central-1\nsso_account_id = 123456789012\nsso_role_name = drill\n`;

function config(text: string): string {
  const file = path.join(directory, 'config');
  writeFileSync(file, text);
  vi.stubEnv('AWS_CONFIG_FILE', file);
  return file;
}

function check(profile: string | undefined, signal = AbortSignal.timeout(10_000)) {
  const settings = { account: standIn.account, region: 'eu-central-1', endpoint: standIn.endpoint };
  return openAccount(profile === undefined ? settings : { ...settings, profile }).check(signal, 0);
}

/** What squall says when it is to find out who it is, and cannot. */
async function told(profile: string | undefined, signal?: AbortSignal) {
  const error = await check(profile, signal).then(
    () => new Error('it found out'),
    (cause) => cause,
  );
  return { message: String(error.message), fix: String(error.fix) };
}

describe('(stand-in) a profile that gives no credentials is named, with the way out, and nothing else is tried', () => {
  afterEach(() => expect(standIn.calls).toEqual([]));

  test('one that is mistyped: those that are there', async () => {
    const file = config(`[default]\n${KEYS}[profile drill]\n${KEYS}[sso-session music]\nsso_region = x\n`);
    const { message, fix } = await told('dril');
    expect(message).toContain(`there is no profile dril in ${file}`);
    expect(fix).toBe('write one of default, drill');
  });

  test('one where there is none at all', async () => {
    expect((await told('drill')).fix).toBe('make one: aws configure sso');
  });

  test('AWS_PROFILE of the shell, which counts like one of the environment', async () => {
    config(`[profile drill]\n${KEYS}`);
    vi.stubEnv('AWS_PROFILE', 'dril');
    expect((await told(undefined)).message).toContain('there is no profile dril in ');
  });

  test('one whose role takes its credentials from a profile that is not there', async () => {
    config(`[profile drill]\n${ROLE}source_profile = bas\n[profile base]\n${KEYS}`);
    const { message, fix } = await told('drill');
    expect(message).toMatch(/profile drill takes its credentials from bas, and there is no profile bas in /);
    expect(fix).toBe('write one of base, drill');
  });

  test('one that has a region and nothing to log in with', async () => {
    config('[profile drill]\nregion = eu-central-1\n');
    const { message, fix } = await told('drill');
    expect(message).toContain('profile drill has no credentials');
    expect(fix).toMatch(/give it an sso_session, a role_arn with its source_profile/);
  });

  test('one whose program fails: what the program printed is not repeated', async () => {
    config('[profile drill]\ncredential_process = sh -c "echo hunter2 >&2; exit 3"\n');
    const { message, fix } = await told('drill');
    expect(message).toContain('the credential_process of the profile fails');
    expect(message).not.toContain('hunter2');
    expect(fix).toBe('run it by hand: aws configure export-credentials --profile drill');
  });

  test('one whose program prints something else', async () => {
    config('[profile drill]\ncredential_process = echo "{}"\n');
    const { message, fix } = await told('drill');
    expect(message).toMatch(/drill credential_process did not return Version 1/);
    expect(fix).toContain('export-credentials --profile drill');
  });

  test('one whose program waits for somebody', async () => {
    config('[profile drill]\ncredential_process = sleep 2\n');
    const { message, fix } = await told('drill', AbortSignal.timeout(500));
    expect(message).toContain('the credentials of profile drill do not come in time');
    expect(fix).toContain('see what they wait for: aws configure export-credentials --profile drill');
  });

  test.each(['that has expired', 'of nobody yet'])('a login of SSO %s', async (which) => {
    config(`[profile drill]\n${SSO}`);
    const cache = path.join(directory, '.aws/sso/cache');
    mkdirSync(cache, { recursive: true });
    const token = { accessToken: 'token', expiresAt: new Date(Date.now() - 60_000).toISOString() };
    const name = createHash('sha1').update(START_URL).digest('hex');
    if (which === 'that has expired') writeFileSync(path.join(cache, `${name}.json`), JSON.stringify(token));
    const { message, fix } = await told('drill');
    expect(message).toMatch(/The SSO session associated with this profile (has expired|is invalid)/);
    expect(fix).toContain('aws sso login --profile drill');
  });
});

test('(stand-in) a program may give credentials', async () => {
  const printed =
    '{ \\"Version\\": 1, \\"AccessKeyId\\": \\"AKIAPROGRAM\\", \\"SecretAccessKey\\": \\"s\\" }';
  config(`[profile drill]\ncredential_process = echo "${printed}"\n`);
  await check('drill');
  expect(standIn.accessKey).toBe('AKIAPROGRAM');
});

test('(stand-in) where no profile is named and nothing is logged in, the way out is a profile', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', '');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
  const { fix } = await told(undefined);
  expect(fix).toMatch(/name a profile, as `profile` in the `aws:` part of the environment or as AWS_PROFILE/);
});

test('(stand-in) credentials have to last beyond the fault, which comes nearer', async () => {
  furnish(standIn);
  const MINUTE_MS = 60_000;
  const began = Date.now();
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
  vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', new Date(began + 57 * MINUTE_MS).toISOString());
  const provider = createAwsProvider();
  const asked = requestOf(standIn, INSTANCE);
  const due = (minutes: number, run: string) => ({
    ...asked,
    run,
    fault: { ...asked.fault, at: minutes * MINUTE_MS },
  });
  const resolve = (minutes: number, run: string) =>
    provider.resolve(due(minutes, run), AbortSignal.timeout(10_000));
  await expect(resolve(52, 'late')).rejects.toThrow(/the drill needs them for another 3480 s/);
  await resolve(50, 'one');
  vi.useFakeTimers({ now: began + 50 * MINUTE_MS, toFake: ['Date'] });
  // Right before it goes in.
  await resolve(50, 'one');
  await expect(resolve(50, 'another')).rejects.toThrow(/the credentials end in 4\d\d s/);
});

test('(stand-in) credentials that renew themselves have to last only from the order on', async () => {
  furnish(standIn);
  const MINUTE_MS = 60_000;
  const program = path.join(directory, 'login.cjs');
  // Good for a quarter of an hour, from each call on.
  writeFileSync(
    program,
    `console.log(JSON.stringify({ Version: 1, AccessKeyId: 'A', SecretAccessKey: 's', SessionToken: 't',
      Expiration: new Date(Date.now() + ${15 * MINUTE_MS}).toISOString() }))`,
  );
  config(`[profile drill]\ncredential_process = ${process.execPath} ${program}\n`);
  vi.stubEnv('AWS_PROFILE', 'drill');
  const asked = requestOf(standIn, INSTANCE);
  const resolve = (fault: object) =>
    createAwsProvider().resolve(
      { ...asked, fault: { ...asked.fault, ...fault } },
      AbortSignal.timeout(10_000),
    );
  await resolve({ at: 120 * MINUTE_MS });
  // A fault of ten minutes is too long for them, whenever it comes.
  await expect(resolve({ at: 120 * MINUTE_MS, for: 10 * MINUTE_MS })).rejects.toThrow(
    /the credentials end in \d+ s, and the drill needs them for another 960 s/,
  );
});
