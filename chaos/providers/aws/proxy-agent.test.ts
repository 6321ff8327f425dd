import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createAuthority } from '../../../test/own-authority.ts';
import { AwsProxyAgent } from './proxy-agent.ts';
import { proxyOfShell } from './proxy-of-shell.ts';

test('a host that NO_PROXY names is reached past the proxy', async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-direct-'));
  createAuthority(directory);
  const file = (name: string) => readFileSync(path.join(directory, name));
  const server = https.createServer({ key: file('key.pem'), cert: file('cert.pem') }, (_, response) => {
    response.end('here');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
  });
  // Nobody listens there.
  vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');
  vi.stubEnv('NO_PROXY', 'vpc.test');
  const { port } = server.address() as AddressInfo;
  const answer = (host: string) =>
    new Promise<string>((resolve, reject) => {
      const agent = new AwsProxyAgent(proxyOfShell() as string);
      const lookup = (_: string, options: { all?: boolean }, done: (...found: unknown[]) => void) =>
        options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
      https
        .get({ agent, host, port, lookup: lookup as never, rejectUnauthorized: false }, (response) => {
          response.setEncoding('utf8').on('data', resolve);
        })
        .on('error', reject);
    });
  expect(await answer('rds.vpc.test')).toBe('here');
  await expect(answer('rds.amazonaws.test')).rejects.toThrow(/ECONNREFUSED 127\.0\.0\.1:1/);
});

test('no proxy is named', () => {
  vi.stubEnv('HTTPS_PROXY', '');
  vi.stubEnv('https_proxy', '');
  expect(proxyOfShell()).toBeUndefined();
  vi.unstubAllEnvs();
});
