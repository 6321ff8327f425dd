import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SourceOptions } from '../types.ts';
import { readSource } from './read-source.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-har-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const read = (entries: readonly unknown[], more: Partial<SourceOptions> = {}) => {
  writeFileSync(path.join(cwd, 'shop.har'), `\uFEFF${JSON.stringify({ log: { version: '1.2', entries } })}`);
  return readSource('shop.har', { cwd, url: undefined, writes: false, env: {}, ...more });
};

interface Given {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly postData?: object;
  readonly status?: number;
  readonly redirectURL?: string;
  readonly location?: string;
  readonly type?: string;
}

/** As Chrome writes it, with what it says beside HAR 1.2. */
const entry = (
  url: string,
  {
    method = 'GET',
    headers = {},
    postData,
    status = 200,
    type = 'application/json',
    ...redirect
  }: Given = {},
) => ({
  _resourceType: 'fetch',
  request: {
    ...{ method, url: url.startsWith('/') ? `https://shop.test${url}` : url, httpVersion: 'h2' },
    headers: [
      { name: ':authority', value: 'shop.test' },
      { name: ':path', value: url },
      ...Object.entries(headers).map(([name, value]) => ({ name, value })),
    ],
    postData,
  },
  response: {
    status,
    redirectURL: redirect.redirectURL ?? '',
    headers: redirect.location === undefined ? [] : [{ name: 'Location', value: redirect.location }],
    content: { mimeType: type, size: 10, encoding: 'base64', text: 'AAAA' },
  },
});
const post = (url: string, postData: object) => entry(url, { method: 'POST', postData });

test('what was redirected to another host is left out, whoever wrote down where to', async () => {
  const { requests, leftOut } = await read(
    [
      entry('/a', { status: 302, redirectURL: 'https://accounts.test/login' }),
      entry('/b', { status: 302, location: '//accounts.test/login' }),
      entry('/c', { method: 'POST', status: 303, redirectURL: 'http://shop.test/c' }),
      entry('/d', { status: 302, redirectURL: 'https://shop.test/e' }),
      entry('/f', { status: 302, location: 'g' }),
      entry('/h', { status: 304, location: '' }),
      entry('/i', { status: 201, location: 'https://cdn.test/i' }),
    ],
    { writes: true },
  );
  expect(requests.map(({ path }) => path)).toEqual(['/d', '/f', '/h', '/i']);
  expect(leftOut).toContain('3 requests that lead to another host');
});

test('the host of most requests that are a load wins, not that of most pictures; one that --url names wins over it', async () => {
  const picture = (n: number) => entry(`https://cdn.test/${n}.png`, { type: 'image/png' });
  const entries = [
    ...Array.from({ length: 30 }, (_, n) => picture(n)),
    entry('/a', { status: 304, type: '' }),
    entry('/b'),
    entry('https://api.test/c'),
  ];
  expect((await read(entries)).baseUrl).toBe('https://shop.test');
  const { baseUrl, requests } = await read(entries, { url: 'https://api.test' });
  expect([baseUrl, requests.map((one) => one.path)]).toEqual(['https://api.test', ['/c']]);
  const elsewhere = await read(entries, { url: 'http://127.0.0.1:8080' });
  expect([elsewhere.baseUrl, elsewhere.requests.map((one) => one.path)]).toEqual([
    'http://127.0.0.1:8080',
    ['/a', '/b'],
  ]);
});

test.each([
  '/a?accessToken=s3cretvalue',
  '/a?session_id=s3cretvalue',
  '/a?X-Amz-Signature=s3cretvalue',
  '/a?user%5BapiKey%5D=s3cretvalue',
  '/password/reset/s3cretvalue12345',
  '/a/eyJhbGciOiJIUzI1NiJ9.s3cretvalue12345',
  'https://me:s3cretvalue@shop.test/a',
  'https://:s3cretvalue@shop.test/a',
])('a secret in a URL such as %s gets into no file', async (url) => {
  const source = await read([entry('/fine'), entry(url)]);
  expect(JSON.stringify(source)).not.toContain('s3cretvalue');
  expect(source.leftOut).toEqual(['1 request with something that may be a secret in the URL or the body']);
});

test.each([
  { mimeType: 'application/json', text: '{"user":{"newPassword":"s3cretvalue"}}' },
  { mimeType: 'application/x-www-form-urlencoded', text: 'client_secret=s3cretvalue' },
  {
    mimeType: 'application/x-www-form-urlencoded',
    text: '',
    params: [{ name: 'pass', value: 's3cretvalue' }],
  },
  {
    mimeType: 'application/json',
    text: Buffer.from('{"jwt":"s3cretvalue"}').toString('base64'),
    encoding: 'base64',
  },
  { mimeType: 'text/plain', text: 'ghp_s3cretvalue0123456789' },
])('a secret in a body such as %j gets into no file', async (postData) => {
  const source = await read([entry('/fine'), post('/login', postData)], { writes: true });
  expect(source.requests.map((one) => one.path)).toEqual(['/fine']);
  expect(JSON.stringify(source)).not.toContain('s3cretvalue');
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: settings that k6 fills in
test('what proves who asks becomes a setting: the common one for all, others as headers', async () => {
  const headers = {
    authorization: 'Bearer s3cret',
    Cookie: 'sid=s3cret',
    'X-CSRF-Token': 's3cret',
    'Proxy-Authorization': 's3cret',
  };
  const source = await read([
    entry('/a', { headers }),
    entry('/b', { headers: { 'x-api-key': 's3cret', Accept: 'text/html' } }),
  ]);
  expect(source.auth).toEqual({ header: 'authorization', value: '${AUTHORIZATION}' });
  expect(source.requests.map((one) => one.headers)).toEqual([
    { cookie: '${COOKIE}', 'x-csrf-token': '${X_CSRF_TOKEN}' },
    { accept: 'text/html', 'x-api-key': '${X_API_KEY}' },
  ]);
  expect(source.secrets).toEqual(['AUTHORIZATION', 'COOKIE', 'X_CSRF_TOKEN', 'X_API_KEY']);
  expect(JSON.stringify(source)).not.toContain('s3cret');
});

test('two spellings of one header are one setting', async () => {
  const headers = { 'access-token': 's3cret', access_token: 's3cret' };
  const source = await read([entry('/a', { headers }), entry('/b', { headers })]);
  expect(source.secrets).toEqual(['ACCESS_TOKEN']);
});

test('cookies that are written down only as such are a setting, too', async () => {
  const one = entry('/a');
  const source = await read([
    { ...one, request: { ...one.request, cookies: [{ name: 'sid', value: 's3cret' }] } },
  ]);
  expect(source.auth).toEqual({ header: 'cookie', value: '${COOKIE}' });
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: settings that k6 fills in

test('bodies: a form from its fields, base64 as text; files, bytes and what nobody wrote down are left out', async () => {
  const form = 'application/x-www-form-urlencoded';
  const large = entry('/large', { method: 'POST' });
  const { requests, leftOut } = await read(
    [
      post('/form', { mimeType: form, params: [{ name: 'q', value: 'a b' }] }),
      post('/json', {
        mimeType: 'application/json',
        encoding: 'base64',
        text: Buffer.from('{"n":1}').toString('base64'),
      }),
      post('/upload', { mimeType: 'multipart/form-data; boundary=x', text: '--x' }),
      post('/bytes', { mimeType: 'application/octet-stream', text: 'a\uFFFDb' }),
      post('/playwright', { mimeType: 'application/json', params: [], _file: 'ab12.json' }),
      { ...large, request: { ...large.request, bodySize: 3e6 } },
      entry('https://shop.test:443/', { method: 'CONNECT' }),
    ],
    { writes: true },
  );
  expect(requests.map(({ path: at, body, headers }) => [at, body, headers])).toEqual([
    ['/form', 'q=a%20b', { 'content-type': form }],
    ['/json', '{"n":1}', { 'content-type': 'application/json' }],
  ]);
  expect(leftOut).toEqual([
    '1 request to other hosts',
    '4 requests with a body that is no text, or was not recorded',
  ]);
});

test('what is left out is told in the singular where it is one request', async () => {
  const json = { mimeType: 'application/json', text: '{}' };
  const { leftOut } = await read([entry('/a'), entry('/gone', { status: 404 }), post('/orders', json)]);
  expect(leftOut).toEqual([
    '1 request not answered with 2xx or 3xx',
    '1 request to change data (--writes takes such)',
  ]);
});

test('what is no HTTP request is none: sockets, data, an upgrade, one that was broken off', async () => {
  const { requests } = await read([
    entry('/a'),
    entry('wss://shop.test/live', { status: 101 }),
    entry('https://shop.test/live', { status: 101 }),
    entry('data:image/png;base64,AAAA'),
    entry('blob:https://shop.test/1'),
    entry('chrome-extension://abc/x.json'),
    entry('/broken', { status: 0 }),
    { request: null, response: null },
    { request: { method: 'GET', url: 'https://shop.test/without-its-answer', headers: [] } },
    null,
  ]);
  expect(requests.map((one) => one.path)).toEqual(['/a', '/without-its-answer']);
});

test('polling past caches is one request, and ids in paths share a name', async () => {
  const { requests } = await read([
    ...Array.from({ length: 60 }, (_, n) => entry(`/status?v=2&_=17264820001${n + 10}`)),
    ...Array.from({ length: 50 }, (_, n) => entry(`/items/${n}`)),
    entry('/items/0123456789abcdef0123'),
  ]);
  expect(requests[0]).toEqual({ method: 'GET', path: '/status?v=2', weight: 60 });
  expect(requests).toHaveLength(40);
  expect(new Set(requests.slice(1).map((one) => one.name))).toEqual(new Set(['GET /items/:id']));
});

test('what a file of requests cannot hold is left out before one is written', async () => {
  const large = (n: number) => post(`/large/${n}`, { mimeType: 'text/plain', text: `${n}`.repeat(60_000) });
  const { requests, leftOut } = await read(
    [
      entry(`/long?q=${'x'.repeat(5_000)}`),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template of somebody else has in it
      post('/template', { mimeType: 'text/plain', text: 'Hello ${NAME}' }),
      large(1),
      large(2),
      entry('/a'),
    ],
    { writes: true },
  );
  expect(requests.map((one) => one.path)).toEqual(['/large/1', '/a']);
  expect(leftOut).toEqual([
    '1 request with a URL, a header or a name that a file of requests cannot hold',
    '1 request with $ and a name in braces in it, which would be taken for a setting',
    '1 request for which the file of requests has no room',
  ]);
});

test('a recording that is too large is refused with a way to make it smaller', async () => {
  await read([entry('/a')]);
  truncateSync(path.join(cwd, 'shop.har'), 51e6);
  const refused = readSource('shop.har', { cwd, url: undefined, writes: false, env: {} });
  await expect(refused).rejects.toMatchObject({
    fix: expect.stringContaining('without the contents of the answers'),
  });
});

test('bodies with characters that a file of requests refuses are left out, and counted', async () => {
  const body = (text: string) => post('/notes', { mimeType: 'text/plain', text });
  const family = '\u{1f468}\u200d\u{1f469}';
  const entries = [
    ...[family, 'so\u00adft', '\u200fright to left', 'a\u0000b', 'half \ud83d'].map(body),
    ...['\u{1f468} and\nmore\tof it', 'C:\\users \\u0041', 'plain'].map(body),
  ];
  const { requests, leftOut } = await read(entries, { writes: true });
  expect(requests).toHaveLength(3);
  expect(leftOut).toEqual(['5 requests with invisible characters in it, which a file of requests refuses']);
});
