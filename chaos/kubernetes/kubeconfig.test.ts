import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import * as k8s from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { openConnection } from './connection.ts';
import { coreCalls } from './core-calls.ts';
import { startRecordingServer } from './fixtures/recording-server.ts';
import { kubeconfigPath, loadKubeConfig } from './kubeconfig.ts';

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];
beforeEach(() => {
  for (const name of PROXY_VARIABLES) vi.stubEnv(name, undefined);
});
afterEach(() => void vi.unstubAllEnvs());

const here = process.cwd();

test.each([
  ['a relative path', 'lab/kubeconfig', join(here, 'lab/kubeconfig')],
  ['an absolute path', '/etc/kubeconfig', '/etc/kubeconfig'],
  [
    'each part of a list, empty ones left out',
    ['one', '', '/two', '../three', ''].join(delimiter),
    [join(here, 'one'), '/two', join(here, '../three')].join(delimiter),
  ],
])('%s is kept so that it holds from any directory', (_, given, kept) => {
  vi.stubEnv('KUBECONFIG', given);
  expect(kubeconfigPath(undefined)).toBe(kept);
});

test('without KUBECONFIG it is the file in the home directory', () => {
  vi.stubEnv('KUBECONFIG', '');
  vi.stubEnv('HOME', '/home/somebody');
  expect(kubeconfigPath(undefined)).toBe('/home/somebody/.kube/config');
});

test('what a record gives is taken as it is', () => {
  vi.stubEnv('KUBECONFIG', '/etc/other');
  expect(kubeconfigPath('/etc/kubeconfig')).toBe('/etc/kubeconfig');
});

describe('several files are merged as kubectl does', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'squall-kubeconfig-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const path = (name: string) => join(directory, name);
  const load = (...names: string[]) => loadKubeConfig(k8s, { kubeconfig: names.map(path).join(delimiter) });
  /** A file with a context of each name, whose clusters and users say which file they are from. */
  function write(file: string, names: readonly string[], current?: string): void {
    const entries = (of: (name: string) => object) => names.map((name) => ({ name, ...of(name) }));
    writeFileSync(
      path(file),
      stringify({
        clusters: entries((name) => ({ cluster: { server: `https://${name}.${file}` } })),
        users: entries((name) => ({ user: { token: `${name}-${file}` } })),
        contexts: entries((name) => ({ context: { cluster: name, user: name } })),
        ...(current === undefined ? {} : { 'current-context': current }),
      }),
    );
  }
  const meant = (config: k8s.KubeConfig) => [
    config.getCurrentContext(),
    config.getCurrentCluster()?.server,
    config.getCurrentUser()?.token,
  ];

  test('a name that is in two of them: the first counts, and the rest of the second does, too', () => {
    write('a', ['shared'], 'shared');
    write('b', ['shared', 'own'], 'own');
    expect(meant(load('a', 'b'))).toEqual(['shared', 'https://shared.a', 'shared-a']);
    expect(meant(load('b', 'a'))).toEqual(['own', 'https://own.b', 'own-b']);
    expect(
      load('a', 'b')
        .getContexts()
        .map(({ name }) => name),
    ).toEqual(['shared', 'own']);
  });

  test.each([
    ['leaves it out', undefined],
    ['leaves it empty', ''],
  ])('the current context is that of the second when the first %s', (_, current) => {
    write('a', ['first'], current);
    write('b', ['second'], 'second');
    expect(meant(load('a', 'b'))).toEqual(['second', 'https://second.b', 'second-b']);
  });

  test.each([
    ['is not there', undefined],
    ['is empty', ''],
    ['has comments only', '# nothing\n'],
  ])('a file that %s is passed over', (_, content) => {
    if (content !== undefined) writeFileSync(path('a'), content);
    write('b', ['only'], 'only');
    expect(meant(load('a', 'b'))).toEqual(['only', 'https://only.b', 'only-b']);
  });

  test('one empty file names no cluster, and the error says that', () => {
    writeFileSync(path('a'), '');
    expect(() => load('a')).toThrow('does not say which cluster is meant');
  });

  test('a server that is reached through the proxy of the environment; proxy-url comes before it', async () => {
    const targets: (string | undefined)[] = [];
    const proxy = createServer().on('connect', ({ url }, socket) => {
      targets.push(url);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = proxy.address() as AddressInfo;
      vi.stubEnv('HTTPS_PROXY', `127.0.0.1:${port}`);
      write('a', ['one'], 'one');
      const cluster = await openConnection({ kubeconfig: path('a') });
      const { listPods } = coreCalls(cluster);
      const soon = AbortSignal.timeout(10_000);
      await expect(listPods({ namespace: 'lab', labels: {} }, soon)).rejects.toThrow(
        'https://one.a (through a proxy) cannot be reached',
      );
      expect({ targets, server: cluster.server }).toEqual({
        targets: ['one.a:443'],
        server: 'https://one.a',
      });
    } finally {
      await new Promise((resolve) => proxy.close(resolve));
    }
    const own = { server: 'https://one.a', 'proxy-url': 'http://other:1' };
    writeFileSync(
      path('b'),
      stringify({
        clusters: [{ name: 'one', cluster: own }],
        contexts: [{ name: 'one', context: { cluster: 'one' } }],
        'current-context': 'one',
      }),
    );
    expect(load('b').getCurrentCluster()?.proxyUrl).toBe('http://other:1');
  });
});

describe('a tokenFile', () => {
  const soon = () => AbortSignal.timeout(10_000);

  test('is found beside the kubeconfig, comes before a token, and is read again for each call', async () => {
    const server = await startRecordingServer();
    try {
      const token = (text: string) => writeFileSync(join(server.directory, 'token'), text);
      token('one\n');
      const kubeconfig = server.kubeconfig({ tokenFile: 'token', token: 'old' });
      const cluster = coreCalls(await openConnection({ kubeconfig }));
      await cluster.listPods({ namespace: 'lab', labels: {} }, soon());
      token('two\n');
      await cluster.listPods({ namespace: 'lab', labels: {} }, soon());
      expect(server.asked).toEqual(['Bearer one', 'Bearer two']);
    } finally {
      await server.close();
    }
  });

  test('that is not there is an error that names it', async () => {
    const server = await startRecordingServer();
    try {
      const cluster = coreCalls(
        await openConnection({ kubeconfig: server.kubeconfig({ tokenFile: 'gone' }) }),
      );
      await expect(cluster.listPods({ namespace: 'lab', labels: {} }, soon())).rejects.toThrow(
        `tokenFile cannot be read: ENOENT: no such file or directory, open '${join(server.directory, 'gone')}'`,
      );
    } finally {
      await server.close();
    }
  });
});
