import { expect, test } from 'vitest';
import { parseBuild } from './find.ts';

const debian = `HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/
Status: long-term supported branch
Feature list : -51DEGREES +ACCEPT4 +PRCTL -PROCCTL +PROMEX -QUIC +RT
`;

test('the version and the exporter are read from what a HAProxy says of itself', () => {
  const path = '/usr/sbin/haproxy';
  expect(parseBuild(path, debian)).toEqual({ path, version: '2.6.12-1', exporter: true });
  const bare = debian.replace('+PROMEX', '-PROMEX');
  expect(parseBuild(path, bare)).toMatchObject({ exporter: false });
});

test.each([
  ['HA-Proxy version 1.8.19-1', undefined],
  ['HAProxy version 2.2.9-2', undefined],
  ['HA-Proxy version 2.4.0', '2.4.0'],
  ['HAProxy version 3.0.1', '3.0.1'],
  ['something else', undefined],
])('%s: usable as %s', (line, version) => {
  expect(parseBuild('/x', `${line}\n`)?.version).toBe(version);
});
