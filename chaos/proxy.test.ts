import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { proxyFor } from './proxy.ts';

const PROXY = 'http://proxy.example:3128';

beforeEach(() => {
  for (const name of ['https_proxy', 'NO_PROXY', 'no_proxy']) vi.stubEnv(name, undefined);
  vi.stubEnv('HTTPS_PROXY', PROXY);
});
afterEach(() => void vi.unstubAllEnvs());

test.each(['https://cluster.example', 'https://10.0.0.1:6443', 'https://[2001:db8::1]:6443'])(
  '%s is reached through the proxy',
  (server) => {
    expect(proxyFor(server)).toBe(PROXY);
  },
);

test.each([
  'https://localhost:6443',
  'https://127.0.0.1:6443',
  'https://127.8.9.10',
  'https://[::1]:6443',
  'http://cluster.example:8080',
  'not a URL',
])('%s is not', (server) => {
  expect(proxyFor(server)).toBeUndefined();
});

test.each([
  ['*', 'https://cluster.example'],
  ['other, cluster.example', 'https://cluster.example'],
  ['EXAMPLE', 'https://cluster.example'],
  ['.example', 'https://cluster.example'],
  ['*.example', 'https://cluster.example'],
  ['cluster.example:443', 'https://cluster.example'],
  ['10.0.0.0/8', 'https://10.1.2.3:6443'],
  ['10.1.2.3', 'https://10.1.2.3:6443'],
  ['10.1.2.3:6443', 'https://10.1.2.3:6443'],
  ['2001:db8::/32', 'https://[2001:db8::1]:6443'],
  ['2001:db8:0::1', 'https://[2001:db8::1]:6443'],
  ['[2001:db8::1]:6443', 'https://[2001:db8::1]:6443'],
])('with NO_PROXY %s, %s is reached directly', (exceptions, server) => {
  vi.stubEnv('NO_PROXY', exceptions);
  expect(proxyFor(server)).toBeUndefined();
});

test.each([
  ['', 'https://cluster.example'],
  [',:443', 'https://cluster.example.'],
  ['example/8', 'https://cluster.example'],
  ['.cluster.example', 'https://cluster.example'],
  ['ample', 'https://cluster.example'],
  ['cluster.example:6443', 'https://cluster.example'],
  ['10.0.0.0/16', 'https://10.1.2.3:6443'],
  ['10.0.0.0/99', 'https://10.1.2.3:6443'],
  ['10.0.0.0/eight', 'https://10.1.2.3:6443'],
  ['::/0', 'https://10.1.2.3:6443'],
  ['10.1.2.3:443', 'https://10.1.2.3:6443'],
  ['10.0.0.0/8', 'https://cluster.example'],
])('with NO_PROXY %s, %s is not', (exceptions, server) => {
  vi.stubEnv('NO_PROXY', exceptions);
  expect(proxyFor(server)).toBe(PROXY);
});

test('in small letters, without a scheme, or not set', () => {
  vi.stubEnv('HTTPS_PROXY', undefined);
  expect(proxyFor('https://cluster.example')).toBeUndefined();
  vi.stubEnv('https_proxy', 'proxy.example:3128');
  expect(proxyFor('https://cluster.example')).toBe(PROXY);
  vi.stubEnv('no_proxy', 'example');
  expect(proxyFor('https://cluster.example')).toBeUndefined();
});
