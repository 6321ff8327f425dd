import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startTunnel, type Tunnel } from '../../../test/tunnel.ts';
import { googleCalls } from './calls.ts';
import { type GoogleStandIn, settled, startGoogle } from './fixtures/stand-in.ts';

let directory: string;
let google: GoogleStandIn;
let tunnel: Tunnel;
beforeEach(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-proxy-'));
  google = await startGoogle();
  google.service = settled();
  const answers = { oauth2: { access_token: 'from-google', expires_in: 3_600, token_type: 'Bearer' } };
  tunnel = await startTunnel({ directory, to: google.endpoint, answers });
  for (const name of ['https_proxy', 'NO_PROXY', 'no_proxy']) vi.stubEnv(name, undefined);
  vi.stubEnv('HTTPS_PROXY', tunnel.url);
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', serviceAccount());
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await tunnel.close();
  await google.close();
  rmSync(directory, { recursive: true });
});

const ask = () =>
  googleCalls({ project: 'music-staging' }).service(
    { region: 'europe-west3', service: 'gateway' },
    AbortSignal.timeout(10_000),
  );

test('(stand-in) where HTTPS_PROXY names a proxy, Google is called through it, and so is its login', async () => {
  expect(await ask()).toMatchObject({ latestReady: 'gateway-00007' });
  expect([...new Set(tunnel.hosts)]).toEqual(['oauth2.googleapis.com:443', 'run.googleapis.com:443']);
});

/** A key file, as Google hands it out. @returns its path */
function serviceAccount(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const file = path.join(directory, 'account.json');
  writeFileSync(
    file,
    JSON.stringify({
      type: 'service_account',
      project_id: 'music-staging',
      private_key_id: '1',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      client_email: 'squall@music-staging.iam.gserviceaccount.com',
      token_uri: 'https://oauth2.googleapis.com/token',
    }),
  );
  return file;
}
