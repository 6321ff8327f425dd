import { delimiter, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { kubeconfigPath } from './kubeconfig.ts';

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
