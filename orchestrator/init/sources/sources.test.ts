import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { SourceOptions } from '../types.ts';
import { readSource } from './read-source.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-source-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const read = (name: string, content: object | string, more: Partial<SourceOptions> = {}) => {
  writeFileSync(path.join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content));
  return readSource(name, { cwd, url: undefined, writes: false, env: {}, ...more });
};

test('Swagger 2.0: host and base path, parameters with their own types, a secret in the query', async () => {
  const { baseUrl, requests, secrets, auth } = await read('swagger.json', {
    swagger: '2.0',
    info: { title: 'Old', version: '1' },
    host: 'localhost:9999',
    basePath: '/api',
    schemes: ['http'],
    securityDefinitions: { key: { type: 'apiKey', in: 'query', name: 'k' } },
    security: [{ key: [] }],
    paths: {
      '/pets/{petId}': {
        parameters: [{ name: 'petId', in: 'path', required: true, type: 'integer' }],
        get: {
          parameters: [{ name: 'sort', in: 'query', required: true, type: 'string', enum: ['up', 'down'] }],
        },
      },
    },
  });
  expect(baseUrl).toBe('http://localhost:9999/api');
  expect(requests).toEqual([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by k6
    { method: 'GET', path: '/pets/1?sort=up&k=${API_KEY}', weight: 1, name: 'GET /pets/:petId' },
  ]);
  expect([secrets, auth]).toEqual([['API_KEY'], null]);
});

test('OpenAPI: variables of servers, examples, bodies with --writes, references to other files', async () => {
  writeFileSync(
    path.join(cwd, 'thing.yaml'),
    stringify({ type: 'object', properties: { n: { type: 'integer', example: 3 } } }),
  );
  const { baseUrl, requests } = await read(
    'api.yaml',
    stringify({
      openapi: '3.1.0',
      info: { title: 'New', version: '1' },
      servers: [{ url: 'http://localhost:{port}/v2', variables: { port: { default: '8123' } } }],
      paths: {
        '/things': {
          post: { requestBody: { content: { 'application/json': { schema: { $ref: './thing.yaml' } } } } },
          get: { deprecated: true },
        },
      },
    }),
    { writes: true },
  );
  expect(baseUrl).toBe('http://localhost:8123/v2');
  expect(requests).toEqual([{ method: 'POST', path: '/things', weight: 1, body: { n: 3 } }]);
});

test('OpenAPI: a parameter of which nothing is known leaves its operation out, a circle does not', async () => {
  const { requests, leftOut } = await read('api.json', {
    openapi: '3.0.0',
    info: { title: 'x', version: '1' },
    paths: {
      '/a/{b}': { get: {} },
      '/c': {
        get: {
          responses: {
            200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/T' } } } },
          },
        },
      },
    },
    components: { schemas: { T: { type: 'object', properties: { t: { $ref: '#/components/schemas/T' } } } } },
  });
  expect(requests.map(({ path }) => path)).toEqual(['/c']);
  expect(leftOut).toEqual(['GET /a/{b}: nothing says what b may be']);
});

test('HAR: one host, weights by count, no cookies, no secrets, no styles', async () => {
  const entry = (url: string, more: object = {}, mimeType = 'application/json') => ({
    request: { method: 'GET', url, headers: [{ name: 'Cookie', value: 'sid=s3cret' }], ...more },
    response: { status: 200, content: { mimeType } },
  });
  const { baseUrl, requests, auth, leftOut } = await read('shop.har', {
    log: {
      entries: [
        entry('http://shop.test/a'),
        entry('http://shop.test/a'),
        entry('http://shop.test/b?page=2'),
        entry('http://shop.test/b?token=abc'),
        entry('http://shop.test/style.css', {}, 'text/css'),
        entry('http://cdn.test/lib.js'),
        entry('http://shop.test/cart', { method: 'POST' }),
        {
          request: { method: 'GET', url: 'data:image/png;base64,xx', headers: [] },
          response: { status: 200 },
        },
        'nonsense',
      ],
    },
  });
  expect(baseUrl).toBe('http://shop.test');
  expect(requests).toEqual([
    { method: 'GET', path: '/a', weight: 2 },
    { method: 'GET', path: '/b?page=2', weight: 1 },
  ]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by k6
  expect(auth).toEqual({ header: 'cookie', value: '${COOKIE}' });
  expect(leftOut).toEqual([
    '1 request to other hosts',
    '1 request for images, scripts, styles and fonts',
    '1 request to change data (--writes takes such)',
    '1 request with something that may be a secret in the URL or the body',
  ]);
});

test('compose: ports in all their forms, and no database taken for a web service', async () => {
  const { baseUrl, compose } = await read(
    'compose.yaml',
    [
      'name: Shop',
      'services:',
      '  db: { image: postgres:16, ports: ["5432:5432"] }',
      '  jobs: { image: busybox }',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: interpolated by Compose
      '  web: { build: ., restart: unless-stopped, ports: ["127.0.0.1:${PORT:-8081}:80/tcp", "53:53/udp"] }',
      '  other: { ports: [{ published: "9000", target: 90 }] }',
    ].join('\n'),
  );
  expect(baseUrl).toBe('http://127.0.0.1:8081');
  expect(compose?.services).toEqual([
    { name: 'db', ports: [{ host: 5432, container: 5432 }], restarts: false },
    { name: 'jobs', ports: [], restarts: false },
    { name: 'web', ports: [{ host: 8081, container: 80 }], restarts: true },
    { name: 'other', ports: [{ host: 9000, container: 90 }], restarts: false },
  ]);
});

test.each([
  ['one that is no document', 'x.yaml', 'a: 1\n', /none of the kinds that it knows/],
  ['broken YAML, with its line', 'x.yaml', 'services:\n  a: [\n', /x\.yaml:\d+: /],
  [
    'compose without a port',
    'compose.yaml',
    'services:\n  db: { image: redis, ports: ["6379:6379"] }\n',
    /publishes a port/,
  ],
  ['an empty recording', 'x.har', '{"log":{"entries":[]}}', /has no request/],
  [
    'a reference that leads nowhere',
    'x.json',
    '{"openapi":"3.0.0","paths":{"/a":{"$ref":"./no.yaml"}}}',
    /cannot be read as OpenAPI/,
  ],
])('%s is refused', async (_, name, content, message) => {
  await expect(read(name, content)).rejects.toThrow(message);
});

test('a script: its own machine before the sites of its libraries; WebSockets count as http', async () => {
  const of = async (text: string) => (await read('a.js', text)).baseUrl;
  expect(
    await of(
      "import x from 'https://jslib.k6.io/a.js';\nhttp.get('https://test.k6.io');\nws('ws://localhost:3000/x', x);",
    ),
  ).toBe('http://localhost:3000');
  expect(await of('http.get(__ENV.URL)')).toBe(null);
});

test('a script: no address is guessed from libraries and comments', async () => {
  const text = [
    ...["import {\n  randomIntBetween,\n} from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';"],
    ...["const lib = require('https://cdn.example.com/x.js');", "import 'https://side.example.com/x.js';"],
    ...['/*\n https://block.example.com\n*/', 'const a = 1; // https://trailing.example.com'],
    ...['/*! https://licence.example.com */', 'http.get(__ENV.BASE_URL, lib, a, randomIntBetween);'],
  ].join('\n');
  expect(await read('a.js', text)).toMatchObject({ baseUrl: null, script: { readsBaseUrl: true } });
});

test.each([
  ["__ENV.BASE_URL || 'http://127.0.0.1:1/api/'", true, 'http://127.0.0.1:1/api'],
  [
    "__ENV['BASE_URL'] ?? 'https://shop.example.com/v1', 'http://localhost:2'",
    true,
    'https://shop.example.com/v1',
  ],
  ["__ENV.BASE_URL ? __ENV.BASE_URL : 'http://localhost:1/x'", true, 'http://localhost:1/x'],
  ["__ENV.BASE_URL || 'ws://127.0.0.1:1'", true, 'ws://127.0.0.1:1'],
  ["((name) => __ENV[name] || 'http://localhost:1')('BASE_URL')", true, 'http://localhost:1'],
  ["(({ BASE_URL }) => BASE_URL)(__ENV), 'http://localhost:1'", true, 'http://localhost:1'],
  ["__ENV.OTHER, { BASE_URL: 'http://localhost:1' }", false, 'http://localhost:1'],
  ["'http://localhost:1' /* not __ENV.BASE_URL */", false, 'http://localhost:1'],
])(
  'a script: whether it reads BASE_URL, and what it takes without: %s',
  async (code, readsBaseUrl, baseUrl) => {
    expect(await read('a.js', `go(${code});`)).toMatchObject({ baseUrl, script: { readsBaseUrl } });
  },
);

test('a script: --url keeps its path, and counts where a module of its own reads BASE_URL', async () => {
  writeFileSync(
    path.join(cwd, 'base.ts'),
    "export const base: string = __ENV.BASE_URL ?? 'ws://localhost:1';",
  );
  const url = 'http://127.0.0.1:8080/api/';
  const { baseUrl, script } = await read('a.js', "import { base } from './base.ts';\ngo(base);", { url });
  expect([baseUrl, script?.readsBaseUrl]).toEqual(['ws://127.0.0.1:8080/api', true]);
  expect((await read('b.js', 'go(__ENV.BASE_URL)', { url })).baseUrl).toBe('http://127.0.0.1:8080/api');
  await expect(read('c.js', 'go(;')).rejects.toThrow(/c\.js:1:4: Unexpected ";"/);
});

test.each(['0.0.0.0', '[::]'])('%s is this machine, wherever it is written', async (host) => {
  const here = `http://${host === '[::]' ? '[::1]' : '127.0.0.1'}:8000`;
  const there = `http://${host}:8000`;
  const options = { cwd, url: undefined, writes: false, env: {} };
  expect((await readSource(there, options)).baseUrl).toBe(here);
  expect((await readSource(`${host}:8000`, options)).baseUrl).toBe(here);
  const document = {
    openapi: '3.0.0',
    servers: [{ url: 'https://a.example.com' }, { url: `${there}/v1` }],
    paths: {},
  };
  expect((await read('a.json', document)).baseUrl).toBe(`${here}/v1`);
  expect((await read('a.json', document, { url: there })).baseUrl).toBe(`${here}/v1`);
  const swagger = { swagger: '2.0', host: `${host}:8000`, basePath: '/v1', paths: {} };
  expect((await read('a.json', swagger)).baseUrl).toBe(`${here}/v1`);
  expect((await read('a.js', `go(__ENV.BASE_URL || '${there}/v1', 'https://a.example.com')`)).baseUrl).toBe(
    `${here}/v1`,
  );
  expect((await read('a.js', `go('https://a.example.com', '${there}/v1')`)).baseUrl).toBe(here);
  const entries = [{ request: { method: 'GET', url: `${there}/x` }, response: { status: 200 } }];
  expect((await read('a.har', { log: { entries } }, { url: here })).baseUrl).toBe(here);
});
