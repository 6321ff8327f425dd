import { afterEach, expect, test, vi } from 'vitest';
import { loadRequests, settingsAskedFor } from '../../../chaos/definitions/load-requests.ts';
import { requestFile } from '../../../chaos/schema/requests.ts';
import { base64 } from './base64.ts';
import { checkRequestFile } from './check-request-file.once.ts';
import { filledIn, wordsOf } from './fill-in.ts';
import type { RequestFile } from './request-file.ts';

vi.hoisted(() => {
  vi.stubGlobal('__ENV', { BASE_URL: 'http://shop/' });
  vi.stubGlobal('__VU', 0);
});
const { nameOf, preparedFrom } = await import('./prepared.ts');

afterEach(() => vi.clearAllMocks());
const tools = { expectedStatuses: (...statuses: unknown[]) => statuses };

const file = {
  headers: { Accept: 'application/json', 'X-Who': 'file' },
  auth: { basic: 'me:p\u00e4ss' },
  requests: [
    'GET /a?x=1',
    { path: '/b', weight: 2, headers: { 'x-who': 'request' } },
    { method: 'POST', path: '/c', body: { n: 1 }, expect: { status: ['2xx', 404], contains: 'yes' } },
    { method: 'PUT', path: '/d/7', body: 'as it is', name: 'PUT /d/:id', redirects: 0 },
  ],
} satisfies RequestFile;

test('what squall accepts is what k6 prepares: names, shares, headers, bodies, statuses', () => {
  const checked = requestFile.parse(file) as RequestFile;
  checkRequestFile(JSON.stringify(checked), 'file', {});
  const prepared = preparedFrom(checked, tools);
  expect(prepared.map(({ method, url, body, name, upTo }) => [method, url, body, name, upTo])).toEqual([
    ['GET', 'http://shop/a?x=1', null, 'GET /a', 0.2],
    ['GET', 'http://shop/b', null, 'GET /b', 0.6000000000000001],
    ['POST', 'http://shop/c', '{"n":1}', 'POST /c', 0.8],
    ['PUT', 'http://shop/d/7', 'as it is', 'PUT /d/:id', 1],
  ]);
  const [, b, c, d] = prepared.map(({ params }) => params);
  expect(b?.headers).toEqual({
    accept: 'application/json',
    'x-who': 'request',
    authorization: `Basic ${Buffer.from('me:p\u00e4ss').toString('base64')}`,
  });
  expect(c?.headers).toMatchObject({ 'content-type': 'application/json' });
  expect([c?.responseCallback, c?.responseType]).toEqual([[{ min: 200, max: 299 }, 404], 'text']);
  expect([c?.redirects, d?.redirects]).toEqual([undefined, 0]);
  expect(d?.headers).not.toHaveProperty('content-type');
});

test('every other way to prove who asks is a header', () => {
  const headersOf = (auth: RequestFile['auth']) =>
    preparedFrom({ auth: auth as never, requests: ['GET /'] }, tools)[0]?.params.headers;
  expect(headersOf({ bearer: 't' })).toEqual({ authorization: 'Bearer t' });
  expect(headersOf({ header: 'X-Api-Key', value: 'k' })).toEqual({ 'x-api-key': 'k' });
});

test('base64 is that of Node, for every length and for text beyond ASCII', () => {
  for (const text of ['', 'a', 'ab', 'abc', 'abcd', 'user:p%ss w\u00f6rd', '\u{1f30a}x'])
    expect(base64(text)).toBe(Buffer.from(text).toString('base64'));
});

test('names can be selected by k6, whatever the path is', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what people write
  expect(nameOf({ path: '/a/{b}/${c}?d' })).toBe('GET /a/:b/:c');
  expect(nameOf({ method: 'POST', path: '/', name: 'own' })).toBe('own');
});

test('settings are filled in everywhere, and unknown words stay', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: what people write
  const data = { a: ['${X}/${Y}'], b: { c: '${unique}' }, d: 3 };
  expect(filledIn(data, { X: 'x' })).toEqual({ a: ['x/${Y}'], b: { c: '${unique}' }, d: 3 });
  expect(wordsOf(data)).toEqual(['X', 'Y', 'unique']);
  expect(settingsAskedFor({ requests: ['GET /${X}', { path: '/${unique}', body: '${Z}' }] })).toEqual([
    'X',
    'Z',
  ]);
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: what people write
});

test.each([
  ['- GET /a', /reads this file as JSON, and it is not: .*YAML is for `requests:` of a drill/],
  ['{"requests":[]}', /f: requests: there has to be a list/],
  ['{"requests":["get /a"]}', /f: requests\[0\]: "get \/a" is not like GET \/products/],
  ['{"requests":["GET /a",{"path":"b"}]}', /f: requests\[1\]\.path: has to start with \//],
  ['{"requests":[{"path":"/b","wieght":2}]}', /f: requests\[0\]\.wieght: is not known here/],
  ['{"requests":[{"path":"/b","weight":0}]}', /f: requests\[0\]\.weight: has to be above 0/],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what people write
  ['{"auth":{"bearer":"${TOKEN}"},"requests":["GET /a"]}', /there is no setting TOKEN: write -e TOKEN=/],
])('plain k6 refuses %s', (text, message) => {
  expect(() => checkRequestFile(text, 'f', {})).toThrow(message);
});

test('squall refuses a file that is too large for a variable of k6', async () => {
  const body = 'x'.repeat(8_000);
  const requests = Array.from({ length: 20 }, (_, n) => ({ method: 'POST', path: `/${n}`, body }));
  const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs');
  const folder = mkdtempSync('/tmp/squall-requests-');
  try {
    writeFileSync(`${folder}/r.yaml`, JSON.stringify({ requests }));
    await expect(loadRequests(`${folder}/r.yaml`)).rejects.toThrow(
      /the requests take \d+ bytes, and k6 can be given 120000/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
