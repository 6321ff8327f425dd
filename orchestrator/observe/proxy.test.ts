import { expect, test } from 'vitest';
import { proxyFor } from './proxy.ts';

const P = 'http://proxy:3128';
const via = (url: string, settings = {}, env = {}) => proxyFor(new URL(url), settings, env);

test.each([
  ['http://a.example/', { HTTP_PROXY: P }, P],
  ['http://a.example/', { http_proxy: P }, P],
  ['http://a.example/', { HTTPS_PROXY: P }, null],
  ['https://a.example/', { HTTPS_PROXY: 'proxy:3128' }, P],
  ['https://a.example/', { HTTP_PROXY: P }, null],
  ['https://a.example/', { HTTPS_PROXY: P, NO_PROXY: 'b.example, a.example' }, null],
  ['https://api.a.example/', { HTTPS_PROXY: P, NO_PROXY: 'a.example' }, null],
  ['https://a.example/', { HTTPS_PROXY: P, NO_PROXY: '.a.example' }, P],
  ['https://api.a.example/', { HTTPS_PROXY: P, NO_PROXY: '*.a.example' }, null],
  ['https://ba.example/', { HTTPS_PROXY: P, NO_PROXY: 'a.example' }, P],
  ['https://a.example/', { HTTPS_PROXY: P, NO_PROXY: 'a.example:8443' }, P],
  ['https://a.example:8443/', { HTTPS_PROXY: P, NO_PROXY: 'a.example:8443' }, null],
  ['https://10.1.2.3/', { HTTPS_PROXY: P, NO_PROXY: '10.0.0.0/8' }, null],
  ['https://11.1.2.3/', { HTTPS_PROXY: P, NO_PROXY: '10.0.0.0/8,x/y,10.0.0.0/99' }, P],
  ['https://[fd00::1]/', { HTTPS_PROXY: P, NO_PROXY: 'fd00::/8' }, null],
  ['https://[fd00::1]/', { HTTPS_PROXY: P, no_proxy: 'fd00::1' }, null],
  ['https://A.Example./', { HTTPS_PROXY: P, NO_PROXY: 'a.EXAMPLE' }, null],
  ['https://a.example/', { HTTPS_PROXY: P, NO_PROXY: '*' }, null],
  ['http://127.0.0.1:80/', { HTTP_PROXY: P }, null],
  ['http://localhost/', { HTTP_PROXY: P }, null],
  ['http://[::1]/', { HTTP_PROXY: P }, null],
  ['http://a.example/', {}, null],
])('%s with %j goes through %s', (url, env, expected) => {
  expect(via(url, {}, env)).toBe(expected);
});

test('what the environment says goes before what the caller says', () => {
  expect(via('https://a.example/', { proxy: 'http://other:1' }, { HTTPS_PROXY: P, NO_PROXY: '*' })).toBe(
    'http://other:1',
  );
  expect(via('http://127.0.0.1/', { proxy: P })).toBe(P);
  expect(via('http://127.0.0.1/', { proxy: P, noProxy: ['127.0.0.1'] })).toBeNull();
  expect(via('https://a.example/', { noProxy: ['a.example'] }, { HTTPS_PROXY: P })).toBeNull();
});
