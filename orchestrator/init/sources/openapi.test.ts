import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { requestFile } from '../../../chaos/schema/requests.ts';
import type { Source, SourceOptions } from '../types.ts';
import { readSource } from './read-source.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-openapi-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const read = (document: object | string, more: Partial<SourceOptions> = {}) => {
  const text = typeof document === 'string' ? document : JSON.stringify({ openapi: '3.0.3', ...document });
  writeFileSync(path.join(cwd, 'api.yaml'), text);
  return readSource('api.yaml', { cwd, url: undefined, writes: false, env: {}, ...more });
};
/** What is read goes into a file of requests as it is. */
const fits = ({ auth, requests }: Source) =>
  requestFile.safeParse({ ...(auth !== null && { auth }), requests }).success;
const get = (parameters: readonly object[], more: object = {}) => ({ get: { parameters, ...more } });
const pathsOf = ({ requests }: Source) => requests.map((one) => one.path);

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: settings that k6 fills in
test('operations that ask for different proofs: the most frequent for all, the others as headers', async () => {
  const key = { security: [{ api_key: [] }] };
  const source = await read({
    components: {
      securitySchemes: {
        api_key: { type: 'apiKey', in: 'header', name: 'api_key' },
        petstore_auth: { type: 'oauth2', flows: {} },
      },
    },
    security: [{ petstore_auth: ['read:pets'] }],
    paths: {
      '/pets': get([]),
      '/pets/mine': get([]),
      '/inventory': get([], key),
      '/health': get([], { security: [] }),
    },
  });
  expect(source.auth).toEqual({ bearer: '${TOKEN}' });
  expect(source.requests[2]).toEqual({
    method: 'GET',
    path: '/inventory',
    weight: 1,
    headers: { api_key: '${API_KEY}' },
  });
  expect(source.secrets).toEqual(['TOKEN', 'API_KEY']);
  expect(fits(source)).toBe(true);
});

test('several keys in one way are told apart, and no name is that of somebody else in the shell', async () => {
  const inHeader = (name: string) => ({ type: 'apiKey', in: 'header', name });
  const source = await read({
    components: {
      securitySchemes: {
        appId: inHeader('X-App'),
        AWS_SECRET_ACCESS_KEY: { type: 'apiKey', in: 'cookie', name: 'sid' },
        rate: { type: 'apiKey', in: 'query', name: 'k' },
      },
    },
    security: [{ appId: [], AWS_SECRET_ACCESS_KEY: [], rate: [] }],
    paths: { '/a': get([]) },
  });
  expect(source.secrets).toEqual(['APP_ID', 'AWS_SECRET_ACCESS_KEY_KEY', 'RATE_KEY']);
  expect(source.auth).toEqual({ header: 'X-App', value: '${APP_ID}' });
  expect(source.requests[0]).toMatchObject({
    path: '/a?k=${RATE_KEY}',
    headers: { cookie: 'sid=${AWS_SECRET_ACCESS_KEY_KEY}' },
  });
});

test('of several ways the first is taken that a load can go; without one the operation is left out', async () => {
  const { requests, auth, leftOut } = await read({
    openapi: '3.1.0',
    components: { securitySchemes: { cert: { type: 'mutualTLS' }, user: { type: 'http', scheme: 'Basic' } } },
    paths: {
      '/both': get([], { security: [{ cert: [] }, { user: [] }] }),
      '/cert': get([], { security: [{ cert: [] }] }),
    },
  });
  expect(requests.map((one) => one.path)).toEqual(['/both']);
  expect(auth).toEqual({ basic: '${USER_NAME}:${PASSWORD}' });
  expect(leftOut).toEqual(['GET /cert: no load can prove who asks in the way "cert"']);
});

test.each([
  ['/api/v3', 'http://127.0.0.1:8080/api/v3'],
  ['./v1', 'http://127.0.0.1:8080/v1'],
  ['v1/', 'http://127.0.0.1:8080/v1'],
  ['//shop.example/v2', 'http://127.0.0.1:8080/v2'],
  ['localhost:9090/v5', 'http://127.0.0.1:8080/v5'],
  ['https://{region}.shop.example/{base}', 'http://127.0.0.1:8080/v4'],
  ['/', 'http://127.0.0.1:8080'],
])('a server at %s is below the URL that is given', async (url, expected) => {
  const variables = { region: { default: 'eu' }, base: { enum: ['v4'] } };
  const document = { servers: [{ url, variables }], paths: { '/a': get([]) } };
  expect((await read(document, { url: 'http://127.0.0.1:8080' })).baseUrl).toBe(expected);
  const absolute = /^(https:)?\/\/|^localhost:/.test(url);
  expect((await read(document)).baseUrl === null).toBe(!absolute);
});

test('a server on this machine wins over production, and what is at another server is left out', async () => {
  const { baseUrl, requests, leftOut } = await read({
    servers: [{ url: 'https://shop.example/v1' }, { url: 'http://localhost:8080/v1' }],
    paths: { '/a': get([]), '/files': { servers: [{ url: 'https://files.example' }], ...get([]) } },
  });
  expect(baseUrl).toBe('http://localhost:8080/v1');
  expect(requests.map((one) => one.path)).toEqual(['/a']);
  expect(leftOut).toEqual(['GET /files: it is at https://files.example']);
});

test('YAML: merge keys and anchors count, also in another file', async () => {
  writeFileSync(
    path.join(cwd, 'common.yaml'),
    'base: &base { in: query, required: true }\npage:\n  <<: *base\n  name: page\n  schema: { type: integer }\n',
  );
  const { requests } = await read(`
openapi: 3.1
x-base: &id { in: path, required: true, schema: { type: integer, example: 7 } }
paths:
  /a/{id}:
    get:
      parameters:
        - { <<: *id, name: id }
        - { $ref: 'common.yaml#/page' }
`);
  expect(requests).toEqual([{ method: 'GET', path: '/a/7?page=1', weight: 1, name: 'GET /a/:id' }]);
});

test('a YAML file of aliases of aliases is refused, and does not fill the memory', async () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let n = 1; n < 9; n += 1)
    lines.push(
      `a${n}: &a${n} [${Array(10)
        .fill(`*a${n - 1}`)
        .join(', ')}]`,
    );
  await expect(read(`openapi: 3.0.0\n${lines.join('\n')}\n`)).rejects.toThrow(/api\.yaml: .*alias/i);
});

test('references: none into the network, none that no request needs, and circles have a body', async () => {
  let fetched = 0;
  const server = createServer((_, response) => {
    fetched += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const there = `http://127.0.0.1:${(server.address() as AddressInfo).port}/schema.json`;
    const body = (schema: object) => ({ requestBody: { content: { 'application/json': { schema } } } });
    const schema = { $ref: '#/components/schemas/Tree' };
    const { requests, leftOut } = await read(
      {
        paths: {
          '/tree': { post: { ...body(schema), responses: { 200: { $ref: '#/components/responses/Gone' } } } },
          '/cat': {
            post: body({
              allOf: [{ $ref: '#/components/schemas/Pet' }, { properties: { n: { type: 'integer' } } }],
            }),
          },
          '/far': get([{ in: 'query', name: 'q', required: true, schema: { $ref: there } }]),
        },
        components: {
          schemas: {
            Tree: {
              type: 'object',
              properties: {
                name: { type: 'string', example: 'oak' },
                parent: { $ref: '#/components/schemas/Tree' },
              },
            },
            Pet: { type: 'object', properties: { kind: { enum: ['cat'] } } },
            Unused: { $ref: '#/components/schemas/Nowhere' },
          },
        },
      },
      { writes: true },
    );
    expect(requests.map((one) => one.body)).toEqual([
      { name: 'oak', parent: expect.anything() },
      { kind: 'cat', n: 0 },
    ]);
    expect(leftOut).toEqual(['GET /far: nothing says what q may be']);
    expect(fetched).toBe(0);
  } finally {
    server.close();
  }
});

test.each([
  [{ in: 'query', schema: { type: 'array', items: {} }, example: ['a', 'b c'] }, '/x?p=a&p=b%20c'],
  [{ in: 'query', explode: false, schema: { type: 'array' }, example: ['a', 'b'] }, '/x?p=a,b'],
  [{ in: 'query', schema: { type: ['null', 'integer'] } }, '/x?p=1'],
  [{ in: 'query', schema: { const: 'only' } }, '/x?p=only'],
  [{ in: 'query', content: { 'application/json': { example: { a: 1 } } } }, '/x?p=%7B%22a%22%3A1%7D'],
  [
    { in: 'query', collectionFormat: 'multi', type: 'array', items: { type: 'string', enum: ['v'] } },
    '/x?p=v',
  ],
])('a parameter %j is sent as %s', async (parameter, expected) => {
  const source = await read({ paths: { '/x': get([{ name: 'p', required: true, ...parameter }]) } });
  expect(pathsOf(source)).toEqual([expected]);
});

test('headers and cookies: secrets are settings, others have values, and what the load says itself is left out', async () => {
  const needed = (
    place: string,
    name: string,
    more: object = { schema: { type: 'string', example: 'v' } },
  ) => ({
    ...{ in: place, name, required: true },
    ...more,
  });
  const source = await read({
    paths: {
      '/a': get([
        needed('header', 'Authorization', { schema: { type: 'string' } }),
        needed('header', 'Accept'),
        needed('header', 'X-Tenant'),
        needed('cookie', 'lang'),
        needed('cookie', 'csrfToken'),
      ]),
    },
  });
  expect(source.requests[0]?.headers).toEqual({
    authorization: '${AUTHORIZATION}',
    'x-tenant': 'v',
    cookie: 'lang=v; csrfToken=${CSRF_TOKEN}',
  });
  expect(source.secrets).toEqual(['AUTHORIZATION', 'CSRF_TOKEN']);
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: settings that k6 fills in

test('bodies: forms as text, media types of their own, no files, none for a GET that needs none; and no logout', async () => {
  const body = (type: string, schema: object) => ({
    post: { requestBody: { required: true, content: { [type]: { schema } } } },
  });
  const fields = {
    type: 'object',
    properties: { a: { example: 'x y' }, b: { properties: { c: { example: 1 } } } },
  };
  const { requests, leftOut } = await read(
    {
      paths: {
        '/form': body('application/x-www-form-urlencoded', fields),
        '/patch': body('application/vnd.api+json', { properties: { a: { example: 1 } } }),
        '/upload': body('multipart/form-data', {}),
        '/list': {
          get: { requestBody: { content: { 'application/x-www-form-urlencoded': { schema: fields } } } },
        },
        '/user/logout': get([]),
      },
    },
    { writes: true },
  );
  expect(requests.map(({ body: sent, headers }) => [sent, headers])).toEqual([
    ['a=x%20y&b%5Bc%5D=1', { 'content-type': 'application/x-www-form-urlencoded' }],
    [{ a: 1 }, { 'content-type': 'application/vnd.api+json' }],
    [undefined, undefined],
  ]);
  expect(leftOut).toEqual([
    'POST /upload: its body is multipart/form-data',
    '1 request to a logout, which would end the session of all others',
  ]);
});

test('paths: a query in one goes on, a fragment is none, and of many the least made up are taken', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 60 }, (_, n) => [
      `/made-up/${n}/{id}`,
      get([{ in: 'path', name: 'id', required: true, schema: { type: 'string' } }]),
    ]),
  );
  const source = await read({
    paths: {
      '/#Action=List': get([]),
      ...many,
      '/bucket?acl': get([{ in: 'query', name: 'v', required: true, example: 1 }]),
    },
  });
  expect(source.requests).toHaveLength(40);
  expect(pathsOf(source).at(-1)).toBe('/bucket?acl&v=1');
  expect(source.leftOut).toEqual([
    'GET /#Action=List: it is not a path',
    '21 more operations: 40 are enough for a start',
  ]);
});

test('a key whose header HTTP does not know has no way; one with the name of a variable of the loader has another', async () => {
  const key = (name: string) => ({ type: 'apiKey', in: 'header', name });
  const { requests, secrets, leftOut } = await read({
    openapi: '3.0.3',
    components: { securitySchemes: { spaced: key('X Key'), env: key('X-Env') } },
    paths: { '/a': { get: { security: [{ spaced: [] }] } }, '/b': { get: { security: [{ env: [] }] } } },
  });
  expect([requests.map((one) => one.path), secrets]).toEqual([['/b'], ['ENV_KEY']]);
  expect(leftOut).toEqual(['GET /a: no load can prove who asks in the way "spaced"']);
});
