import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { validateFiles } from '../../chaos/definitions/validate-files.ts';
import { listeners } from '../../chaos/providers/local/discover/listeners.ts';
import { freePorts } from '../../test/free-port.ts';
import { createAuthority } from '../../test/own-authority.ts';
import { loadObjectiveSet } from '../plan/objective-sets.ts';
import { RefusalError } from '../refusal.ts';
import { type InitRequest, init } from './init.ts';

let cwd: string;
let server: Server;
let base: string;
const seen: string[] = [];
const routes: Record<string, number> = {
  '/': 200,
  '/health': 200,
  '/things': 200,
  '/things/7': 200,
  '/moved': 302,
  '/closed': 401,
};

beforeEach(async () => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'squall-init-'));
  seen.length = 0;
  server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`.trim());
    const status = routes[request.url ?? ''] ?? 404;
    response.writeHead(status, status === 302 ? { location: 'http://example.com/' } : {}).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(cwd, { recursive: true, force: true });
});

function run(source: string | undefined, more: Partial<InitRequest> = {}) {
  return init({
    source,
    url: undefined,
    writes: false,
    cwd,
    env: {},
    listeners: () => [],
    inspect: async () => 30_000,
    kubectl: null,
    perSecond: 500,
    ...more,
  });
}

const text = (file: string) => readFileSync(path.join(cwd, file), 'utf8');

test('from a URL: everything that it writes validates, and nothing but GET was asked', async () => {
  const result = await run(base);
  expect(result.written).toEqual([
    { file: 'chaos/environments/local.yaml', what: 'written' },
    { file: 'chaos/requests/localhost.yaml', what: 'written' },
    { file: 'thresholds/localhost.ts', what: 'written' },
    { file: 'chaos/drills/localhost-partition.yaml', what: 'written' },
    { file: '.github/workflows/squall.yml', what: 'written' },
    { file: '.gitignore', what: 'written' },
  ]);
  expect(result.next).toEqual([
    'npx squall plan chaos/drills/localhost-partition.yaml --env local',
    'npx squall drill chaos/drills/localhost-partition.yaml --env local',
  ]);
  expect(parse(text('chaos/requests/localhost.yaml'))).toEqual({ requests: ['GET /', 'GET /health'] });
  expect(seen.every((one) => one.startsWith('GET '))).toBe(true);
  expect(new Set(seen)).toEqual(new Set(result.asked));
  const checked = await validateFiles(
    [
      'chaos/drills/localhost-partition.yaml',
      'chaos/environments/local.yaml',
      'chaos/requests/localhost.yaml',
    ],
    cwd,
  );
  expect(checked.json.files.map(({ kind, ok }) => [kind, ok])).toEqual([
    ['drill', true],
    ['environment', true],
    ['requests', true],
  ]);
  expect((await loadObjectiveSet('localhost', cwd)).map(({ name }) => name)).toEqual([
    'localhost.latency.p95',
    'localhost.errors',
  ]);
  const workflow = parse(text('.github/workflows/squall.yml'));
  expect(workflow.jobs.drill.steps.map((step: { run?: string }) => step.run ?? 'uses')).toContain(
    'npx --no squall drill chaos/drills/localhost-partition.yaml --env local --out reports/drill',
  );
});

test('from the URL of an OpenAPI document of a service on this machine: its operations', async () => {
  const get = { get: {} };
  const body = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Things of mine', version: '1' },
    paths: { '/things': get, '/closed': get, '/secrets': { $ref: '/etc/passwd' } },
  });
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const isDocument = request.url === '/openapi.json';
    response.writeHead(isDocument ? 200 : (routes[request.url ?? ''] ?? 404)).end(isDocument ? body : '{}');
  });
  const { next, notes } = await run(`${base.replace('http://', '')}/openapi.json`);
  expect(next[0]).toContain('things-of-mine');
  expect(parse(text('chaos/requests/things-of-mine.yaml'))).toEqual({ requests: ['GET /things'] });
  expect(notes.join('\n')).toContain('left out: GET /closed was answered with 401');
});

test('a service that answers nothing at its root, but describes itself, is told how to go on', async () => {
  server.removeAllListeners('request');
  server.on('request', ({ url }, response) => {
    response.writeHead(url === '/v3/api-docs' ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
  });
  await expect(run(base)).rejects.toMatchObject({
    message: expect.stringContaining('GET / was answered with 404'),
    fix: `take what it says of itself: squall init ${base}/v3/api-docs`,
  });
});

test('a file at such a URL that is no OpenAPI document is asked as it is', async () => {
  routes['/data.json'] = 200;
  await run(`${base}/data.json`);
  delete routes['/data.json'];
  expect(parse(text('chaos/requests/localhost.yaml')).requests).toContain('GET /data.json');
});

test('what is there is kept, and named; missing lines are added to .gitignore', async () => {
  mkdirSync(path.join(cwd, 'chaos/environments'), { recursive: true });
  writeFileSync(path.join(cwd, 'chaos/environments/local.yaml'), 'name: local\nvars: { A: b }\n');
  writeFileSync(path.join(cwd, '.gitignore'), '/node_modules\ndist');
  const first = await run(base);
  expect(text('chaos/environments/local.yaml')).toBe('name: local\nvars: { A: b }\n');
  expect(first.written[0]).toEqual({ file: 'chaos/environments/local-localhost.yaml', what: 'written' });
  expect(text('.gitignore')).toBe('/node_modules\ndist\nreports/\n');
  writeFileSync(path.join(cwd, 'thresholds/localhost.ts'), `${text('thresholds/localhost.ts')}// mine\n`);
  const second = await run(base);
  expect(Object.fromEntries(second.written.map(({ file, what }) => [file, what]))).toMatchObject({
    'chaos/environments/local-localhost.yaml': 'same',
    'thresholds/localhost.ts': 'kept',
    '.gitignore': 'same',
  });
  expect(text('thresholds/localhost.ts')).toContain('// mine');
});

test('a file that was there and does not fit is named, instead of a drill that cannot run', async () => {
  mkdirSync(path.join(cwd, 'chaos/environments'), { recursive: true });
  // It has the component, so it is taken for ours.
  writeFileSync(
    path.join(cwd, 'chaos/environments/local.yaml'),
    `name: local\nvars: { BASE_URL: "${base}" }\ncomponents:\n  localhost-link: { provider: nobody }\n`,
  );
  await expect(run(base)).rejects.toThrow('chaos/environments/local.yaml:4');
});

test('a second system here gets files of its own, also one of the same name; each is found again', async () => {
  const first = await run(base);
  await withTarget(
    (_, response) => void response.end('{}'),
    async (url) => {
      const { port } = new URL(url);
      const second = await run(`${url}/other`);
      expect(second.written.map(({ file, what }) => `${what} ${file}`)).toEqual([
        `written chaos/environments/local-localhost-${port}.yaml`,
        `written chaos/requests/localhost-${port}.yaml`,
        `written thresholds/localhost-${port}.ts`,
        `written chaos/drills/localhost-${port}-partition.yaml`,
        ...['kept .github/workflows/squall.yml', 'same .gitignore'],
      ]);
      expect(second.next[1]).toBe(
        `npx squall drill chaos/drills/localhost-${port}-partition.yaml --env local-localhost-${port}`,
      );
      const environment = parse(text(`chaos/environments/local-localhost-${port}.yaml`));
      expect(environment.components['localhost-link'].link.upstream).toBe(new URL(url).host);
      expect((await run(`${url}/other`)).next).toEqual(second.next);
      expect((await run(base)).next).toEqual(first.next);
    },
  );
});

test('two instances of one program here get a component and a drill each', async () => {
  const ports = await Promise.all([0, 1].map(async () => createServer((_, response) => response.end('{}'))));
  try {
    const listeners = () => ports.map((one) => listenerAt((one.address() as AddressInfo).port));
    for (const one of ports) await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    for (const { port } of listeners()) {
      const { next } = await run(`http://127.0.0.1:${port}`, { listeners });
      const environment = next[1]?.replace(/.*--env /, '') ?? '';
      const { components } = parse(text(`chaos/environments/${environment}.yaml`));
      expect(components.shop.process.port).toBe(port);
    }
  } finally {
    for (const one of ports) one.close();
  }
});

test.each([
  ['a name that is a number', '1.js', 'chaos/drills/1-partition.yaml'],
  ['a name that YAML takes for something else', 'null.js', 'chaos/drills/null-partition.yaml'],
])('%s is written so that it can be read again', async (_, file, drill) => {
  const script = "import { Rate } from 'k6/metrics';\nimport ws from 'k6/ws';\nnew Rate('true').add(ws);\n";
  writeFileSync(path.join(cwd, file), `${script}go(__ENV.BASE_URL, new Rate('${'r'.repeat(110)}'));`);
  const { written } = await run(file, { url: base });
  expect(written).toContainEqual({ file: drill, what: 'written' });
});

test.each([
  ['a long host', `http://${'a'.repeat(60)}.${'b'.repeat(60)}.example`],
  ['an IPv6 address', 'http://[2001:db8::1]:8080'],
])('%s gives names that can be used', async (_, url) => {
  const document = { openapi: '3.0.3', paths: { '/call': { post: {} } } };
  writeFileSync(path.join(cwd, '2024.json'), JSON.stringify(document));
  const { written } = await run('2024.json', { url, writes: true });
  expect(written[0]?.file).toMatch(/^chaos\/environments\/[a-z0-9][a-z0-9-]{1,56}\.yaml$/);
  expect(written[1]?.file).toBe('chaos/requests/2024.yaml');
});

test('what would be wrong is not written, and squall takes the blame for it', async () => {
  const file = 'lo\u200dad.js';
  writeFileSync(path.join(cwd, file), 'go(__ENV.BASE_URL)');
  await expect(run(file, { url: base })).rejects.toMatchObject({
    message: expect.stringMatching(
      /nothing was written, .* a mistake of squall itself:\n.*chaos\/drills\/lo-ad/s,
    ),
    fix: 'report these lines, with what you gave to squall init',
  });
  expect(readdirSync(cwd)).toEqual([file]);
});

type Refused = [name: string, source: () => Promise<string>, message: RegExp, fix?: string];

test.each<Refused>([
  [
    'a host that is not there',
    async () => `http://127.0.0.1:${(await freePorts(1))[0]}`,
    /nothing answers at .* refused the connection/,
  ],
  ['a path that is not there', async () => `${base}/nowhere`, /^.*init: no request was answered with 2xx/],
  [
    'a redirect to somebody else',
    async () => `${base}/moved`,
    /leads to http:\/\/example\.com$/,
    'squall init http://example.com',
  ],
  [
    'a path that wants credentials',
    async () => `${base}/closed`,
    /was answered with 401/,
    'a k6 script that logs in',
  ],
  ['another protocol', async () => 'postgres://127.0.0.1/x', /not http or https/],
  ['a password in the URL', async () => 'http://me:secret@127.0.0.1/', /holds a user or a password/],
  ['a file that is not there', async () => 'openapi.yaml', /there is no file .*openapi\.yaml/],
])('%s is refused before anything is written', async (_, source, message, fix = '') => {
  // Only what was named: not the common paths, one of which answers.
  routes['/health'] = 404;
  try {
    const refused = run(await source());
    await expect(refused).rejects.toThrow(RefusalError);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ fix: expect.stringContaining(fix) });
    expect(() => text('.gitignore')).toThrow('ENOENT');
  } finally {
    routes['/health'] = 200;
  }
});

test('a server that answers everything with its start page gets no invented paths, but its own health', async () => {
  const all = createServer(({ url }, response) => {
    const type = url === '/health' ? 'application/json' : 'text/html; charset=utf-8';
    response.writeHead(200, { 'content-type': type }).end('x');
  });
  await new Promise<void>((resolve) => all.listen(0, '127.0.0.1', resolve));
  try {
    await run(`http://127.0.0.1:${(all.address() as AddressInfo).port}/shop?page=1`);
    expect(parse(text('chaos/requests/localhost.yaml'))).toEqual({
      requests: ['GET /shop?page=1', 'GET /health'],
    });
  } finally {
    all.closeAllConnections();
    all.close();
  }
});

const openapi = {
  openapi: '3.0.3',
  info: { title: 'Things & more', version: '1' },
  servers: [{ url: 'https://production.example.com/v1' }],
  components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'Authorization' } } },
  security: [{ key: [] }],
  paths: {
    '/things': {
      get: {},
      post: { requestBody: { content: { 'application/json': { schema: { type: 'object' } } } } },
    },
    '/things/{id}': {
      get: { parameters: [{ name: 'id', in: 'path', required: true, example: 7, schema: {} }] },
    },
    '/gone': { get: {} },
  },
};

test('a host that only a document names gets no load; with --url it is, with the secret of the shell', async () => {
  writeFileSync(path.join(cwd, 'openapi.json'), JSON.stringify(openapi));
  await expect(run('openapi.json', { env: { API_KEY: 'k' } })).rejects.toThrow(
    'only the document names https://production.example.com/v1, which may be production',
  );
  expect(seen).toEqual([]);
  expect(() => text('.gitignore')).toThrow('ENOENT');
  const asked = await run('openapi.json', { url: `${base}/`, env: { API_KEY: 'k' } }).catch(
    (error: Error) => error.message,
  );
  // The base path of the document counts below the given host, and nothing is at /v1 here.
  expect(asked).toContain('GET /things was answered with 404');
  expect(seen[0]).toBe('GET /v1/things k');
  routes['/v1/things'] = 200;
  routes['/v1/things/7'] = 200;
  const found = await run('openapi.json', { url: base, env: { API_KEY: 'k' } });
  expect(parse(text('chaos/requests/things-more.yaml'))).toEqual({
    // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by k6
    auth: { header: 'Authorization', value: '${API_KEY}' },
    requests: ['GET /things', { method: 'GET', path: '/things/7', name: 'GET /things/:id' }],
  });
  expect(found.notes).toEqual([
    'left out: GET /gone was answered with 404',
    'left out: what changes data: 1 of the operations (--writes takes them)',
  ]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: squall's way to name a secret
  expect(parse(text('chaos/environments/local.yaml')).vars.API_KEY).toBe('${env:API_KEY}');
  expect(text('chaos/environments/local.yaml')).not.toContain(': k\n');
  delete routes['/v1/things'];
  delete routes['/v1/things/7'];
});

test('a process that listens here is frozen, and killed only under a supervisor', async () => {
  const [port = 0] = await freePorts(1);
  const code = `require('http').createServer((q, r) => r.end('{}')).listen(${port}, '127.0.0.1')`;
  writeFileSync(path.join(cwd, 'shop.cjs'), code);
  const child = spawn(process.execPath, ['shop.cjs'], { cwd, stdio: 'ignore' });
  try {
    await until(() => listeners().some((one) => one.port === port));
    const result = await run(`http://127.0.0.1:${port}`, { listeners });
    expect(result.written.map(({ file }) => file)).toContain('chaos/drills/shop-freeze.yaml');
    expect(
      (await validateFiles(['chaos/drills/shop-freeze.yaml', 'chaos/environments/local.yaml'], cwd)).ok,
    ).toBe(true);
    expect(parse(text('chaos/environments/local.yaml'))).toMatchObject({
      allow: { kinds: ['freeze', 'stress'] },
      components: { shop: { provider: 'local', process: { port } } },
    });
    // The command is known, and runs in this folder: the workflow starts it.
    expect(text('.github/workflows/squall.yml')).toContain('shop.cjs');
    for (const folder of ['chaos', '.github']) rmSync(path.join(cwd, folder), { recursive: true });
    const supervised = () =>
      listeners().map((one) => ({
        ...one,
        process: one.process && { ...one.process, supervisor: { name: 'runit', restarts: true } },
      }));
    await run(`http://127.0.0.1:${port}`, { listeners: supervised });
    expect(parse(text('chaos/drills/shop-kill.yaml')).faults[0]).toMatchObject({
      kind: 'kill',
      component: 'shop',
    });
    expect(text('.github/workflows/squall.yml')).toMatch(/while true; do .*node shop\.cjs; sleep 1; done/);
  } finally {
    child.kill('SIGKILL');
  }
}, 30_000);

test('a password on the command line of a process stands in no file, and nothing is started with a part of it', async () => {
  const [port = 0] = await freePorts(1);
  const code = `require('http').createServer((q, r) => r.end('{}')).listen(${port}, '127.0.0.1')`;
  writeFileSync(path.join(cwd, 'shop.cjs'), code);
  const words = [
    ...[
      'shop.cjs',
      '--spring.datasource.password=hunter2',
      '--database-url',
      'postgres://app:hunter2@db/shop',
    ],
  ];
  const child = spawn(process.execPath, words, { cwd, stdio: 'ignore' });
  try {
    await until(() => listeners().some((one) => one.port === port));
    const result = await run(`http://127.0.0.1:${port}`, { listeners });
    expect(text('chaos/environments/local.yaml')).toContain('postgres://app:[hidden]@db/shop');
    const all = [JSON.stringify(result), ...result.written.map(({ file }) => text(file))].join('\n');
    expect(all).not.toContain('hunter2');
    expect(text('.github/workflows/squall.yml')).toContain('start it here');
    // The list of what there is to choose from is on the terminal, and in the logs of pipelines.
    const listed = await run(undefined, { listeners }).catch(({ fix }: RefusalError) => fix);
    expect(listed).not.toContain('hunter2');
  } finally {
    child.kill('SIGKILL');
  }
}, 30_000);

test('a certificate that is not trusted is named, and one that the load trusts is enough', async () => {
  createAuthority(cwd);
  const file = (name: string) => path.join(cwd, name);
  const secure = createTlsServer(
    { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) },
    (_, response) => response.end('{}'),
  );
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
  try {
    await expect(run(url)).rejects.toMatchObject({
      message: expect.stringContaining(`the certificate of ${new URL(url).host} is not trusted`),
      fix: expect.stringContaining('SSL_CERT_FILE=ca.pem'),
    });
    const result = await run(url, { env: { SSL_CERT_FILE: file('ca.pem') } });
    expect(result.measurement).toMatchObject({ asked: 50, failed: 0 });
  } finally {
    secure.closeAllConnections();
    secure.close();
  }
});

function listenerAt(port: number) {
  const found = { pid: 4195, program: 'shop', command: ['shop'], directory: '/srv', user: 'me' };
  return { port, process: { ...found, mayHit: true, supervisor: null } };
}

test('what listens for programs that it manages is not hit: the load goes through a link', async () => {
  const port = Number(new URL(base).port);
  const god = {
    pid: 4195,
    program: 'PM2 v7.0.4: God',
    command: ['PM2 v7.0.4: God Daemon (/srv/pm2)'],
    directory: '/',
    user: 'root',
    mayHit: true,
    supervisor: null,
  };
  await run(base, { listeners: () => [{ port, addresses: ['127.0.0.1'], process: god }] });
  const { components } = parse(text('chaos/environments/local.yaml'));
  expect(components).toMatchObject({ 'localhost-link': { link: { upstream: `127.0.0.1:${port}` } } });
  expect(text('chaos/environments/local.yaml')).toContain('hitting it would hit all of that');
});

test('programs of one name that listen beside it are told apart by their ports', async () => {
  const port = Number(new URL(base).port);
  const server = (pid: number) => ({
    pid,
    program: 'gunicorn',
    command: ['gunicorn'],
    directory: '/srv',
    user: 'root',
    mayHit: true,
    supervisor: null,
  });
  const listeners = () =>
    [port, 18_001].map((one) => ({ port: one, addresses: ['127.0.0.1'], process: server(one) }));
  await run(base, { listeners });
  expect(text('chaos/environments/local.yaml')).toMatch(/^ {2}gunicorn: /m);
  expect(text('chaos/environments/local.yaml')).toContain('#   gunicorn-18001: ');
});

test('a k6 script stays the load; a short one gets no fault, and says why', async () => {
  const script = `import http from 'k6/http';\n// see https://k6.io\nexport default () => http.get(\`\${__ENV.BASE_URL || '${base}/v1/'}/things\`);\n`;
  writeFileSync(path.join(cwd, 'load.js'), script);
  const inspected: unknown[] = [];
  await run('load.js', { inspect: async (_, vars) => inspected.push(vars) * 30_000 });
  // A script may refuse to load without it.
  expect(inspected).toEqual([{ BASE_URL: `${base}/v1` }]);
  expect(parse(text('chaos/environments/local.yaml')).vars.BASE_URL).toMatch(/:\d+\/v1$/);
  expect(parse(text('chaos/drills/load-partition.yaml'))).toMatchObject({
    load: [{ script: '../../load.js' }],
    steady: { for: '10s' },
    faults: [{ kind: 'partition', at: '11s' }],
  });
  expect(text('load.js')).toBe(script);
  expect(seen).toEqual([]);
  const short = await run('load.js', { inspect: async () => null });
  expect(short.notes.join()).toContain('load.js runs by iterations: a fault needs a load of at least 24 s');
  expect(parse(text('chaos/drills/load-load.yaml')).faults).toBeUndefined();
});

test('a script without HTTP: its own rates become promises, and outages are found in them', async () => {
  const script =
    "import { Rate } from 'k6/metrics';\nimport { WebSocket } from 'k6/websockets';\nconst r = new Rate('greeted');\n";
  writeFileSync(
    path.join(cwd, 'ws.js'),
    `${script}export default () => { r.add(1); new WebSocket('ws://127.0.0.1:${new URL(base).port}/'); };\n`,
  );
  await run('ws.js', { listeners: () => [listenerAt(Number(new URL(base).port))] });
  expect(parse(text('chaos/drills/ws-freeze.yaml'))).toMatchObject({
    faults: [{ component: 'shop' }],
    events: [{ rate: 'greeted' }],
    objectives: [{ use: 'ws' }],
  });
  expect(await loadObjectiveSet('ws', cwd)).toEqual([
    { name: 'ws.greeted', rate: 'greeted', atLeast: '95%', minSamples: 5 },
  ]);
  writeFileSync(
    path.join(cwd, 'rpc.js'),
    "import grpc from 'k6/net/grpc';\nnew grpc.Client().connect('127.0.0.1:1');\n",
  );
  await run('rpc.js');
  expect((await loadObjectiveSet('rpc', cwd))[0]).toMatchObject({ metric: 'grpc_req_duration' });
});

test('a script with an address of its own gets no link, which its load would not pass', async () => {
  const script = (url: string) => `import http from 'k6/http';\nexport default () => http.get('${url}');\n`;
  writeFileSync(path.join(cwd, 'load.js'), script(`${base}/things`));
  const { notes } = await run('load.js');
  expect(notes.join()).toContain('load.js does not read BASE_URL, and goes to an address of its own');
  expect(parse(text('chaos/environments/local.yaml')).components).toEqual({});
  expect(parse(text('chaos/drills/load-load.yaml')).faults).toBeUndefined();
  await expect(run('load.js', { url: 'http://127.0.0.1:1' })).rejects.toMatchObject({
    message: 'init: load.js does not read BASE_URL: --url would change nothing',
    fix: expect.stringContaining('read __ENV.BASE_URL'),
  });
  // Only who says so sends a load to somebody else.
  writeFileSync(path.join(cwd, 'far.js'), script('https://shop.example.com/things'));
  await expect(run('far.js')).rejects.toMatchObject({
    message: 'init: only the script names https://shop.example.com, which may be production',
    fix: expect.stringContaining('--url https://shop.example.com if you mean that'),
  });
  expect((await run('far.js', { url: 'https://shop.example.com' })).notes.join()).toContain('no fault');
});

/** A target of its own for one test, with its URL. */
async function withTarget(answer: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const own = createServer(answer);
  await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(own.address() as AddressInfo).port}`);
  } finally {
    own.closeAllConnections();
    own.close();
  }
}

test('a key in the URL and one in a header are filled in while it measures, and stand in no file', async () => {
  const document = {
    ...{ openapi: '3.0.3', info: { title: 'Keys', version: '1' } },
    components: {
      securitySchemes: {
        inUrl: { type: 'apiKey', in: 'query', name: 'k' },
        inHeader: { type: 'apiKey', in: 'header', name: 'api_key' },
      },
    },
    paths: {
      '/url': { get: { security: [{ inUrl: [] }] } },
      '/header': { get: { security: [{ inHeader: [] }] } },
    },
  };
  writeFileSync(path.join(cwd, 'openapi.json'), JSON.stringify(document));
  const isAllowed: RequestListener = ({ url, headers }, response) =>
    response.writeHead(url === '/url?k=s3cret' || headers.api_key === 'hidd3n' ? 200 : 401).end('{}');
  await withTarget(isAllowed, async (url) => {
    const result = await run('openapi.json', {
      url,
      env: { IN_URL: 's3cret', IN_HEADER: 'hidd3n', OTHER: 'x' },
    });
    expect(result.measurement).toMatchObject({ asked: 50, failed: 0 });
    expect(
      JSON.stringify([result, text('chaos/requests/keys.yaml'), text('chaos/environments/local.yaml')]),
    ).not.toMatch(/s3cret|hidd3n/);
  });
});

test('a system that limits how often it is asked gets a load below that, and bounds that are not about it', async () => {
  let left = 25;
  const limiting: RequestListener = (_, response) => {
    left -= 1;
    if (left >= 0) response.end('{}');
    else response.writeHead(429, { 'retry-after': '30' }).end();
  };
  await withTarget(limiting, async (url) => {
    const { notes, measurement } = await run(url);
    expect(measurement?.limited).toBeGreaterThan(20);
    expect(notes.join()).toMatch(
      /limits how often it is asked \(429 for \d+ of 50 requests\): the load asks [12] times a second/,
    );
    const rate = Number(parse(text('chaos/drills/localhost-partition.yaml')).load[0].vars.RATE);
    expect(rate).toBeLessThanOrEqual(2);
    expect(await loadObjectiveSet('localhost', cwd)).toMatchObject([
      {},
      { below: '5%', minSamples: rate * 9 },
    ]);
    // The way to try again is named.
    await expect(run(url)).rejects.toMatchObject({ fix: expect.stringContaining('limits how often') });
  });
});

test('one that says when to ask again is asked again then', async () => {
  let asked = 0;
  const slow: RequestListener = ({ url }, response) => {
    asked += 1;
    if (asked === 1) response.writeHead(429, { 'retry-after': new Date(Date.now()).toUTCString() }).end();
    else response.writeHead(url === '/' ? 200 : 404).end();
  };
  await withTarget(slow, async (url) => {
    expect((await run(url)).measurement).toMatchObject({ failed: 0 });
  });
});

test('an answer without an end is left out, and does not fill the memory', async () => {
  const endless: RequestListener = ({ url }, response) => {
    if (url !== '/stream') return void response.end('{}');
    const more = () => {
      if (!response.destroyed) response.write(Buffer.alloc(1_000_000), more);
    };
    more();
  };
  writeFileSync(
    path.join(cwd, 'openapi.json'),
    JSON.stringify({ openapi: '3.0.3', paths: { '/stream': { get: {} }, '/a': { get: {} } } }),
  );
  await withTarget(endless, async (url) => {
    const { notes } = await run('openapi.json', { url });
    expect(notes).toEqual(['left out: GET /stream was not answered (its answer has more than 20 MB)']);
  });
});

test('a request that leads to another host by way of its own is left out, however far that is', async () => {
  const away: RequestListener = ({ url, headers }, response) => {
    const to: Record<string, string> = {
      ...{ '/': '/login', '/login': '/sso', '/sso': 'http://accounts.example.com/?next=x' },
      ...{ '/old': '/new', '/lost': '/gone', '/round': '/round' },
      ...(headers.cookie !== 'a=1; seen=2' && { '/first': '/first?again' }),
    };
    const location = to[url ?? ''] ?? (url === '/first?again' ? '/first' : undefined);
    if (location === undefined) return void response.writeHead(url === '/gone' ? 410 : 200).end('{}');
    const cookies = ['a=1; Expires=Thu, 01 Jan 2099 00:00:00 GMT; Path=/', 'seen=2'];
    response.writeHead(302, { location, 'set-cookie': cookies }).end();
  };
  const get = { get: {} };
  const paths = Object.fromEntries(['/', '/old', '/lost', '/round', '/first'].map((one) => [one, get]));
  writeFileSync(path.join(cwd, 'openapi.json'), JSON.stringify({ openapi: '3.0.3', paths }));
  await withTarget(away, async (url) => {
    const { notes } = await run('openapi.json', { url });
    expect(notes).toEqual([
      'left out: GET / leads to http://accounts.example.com',
      'left out: GET /lost was answered with 410',
      'left out: GET /round was redirected more than 10 times',
    ]);
    expect(parse(text('chaos/requests/openapi.yaml')).requests).toEqual(['GET /old', 'GET /first']);
    await expect(run(url)).rejects.toMatchObject({
      fix: expect.stringContaining('squall init http://accounts.example.com'),
    });
  });
});

test('what does not speak HTTP/1.1 is told apart from what is not there', async () => {
  const plain = createHttp2Server();
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  try {
    await expect(run(`http://127.0.0.1:${(plain.address() as AddressInfo).port}`)).rejects.toMatchObject({
      message: expect.stringContaining('did not answer with HTTP'),
      fix: expect.stringContaining('HTTP/2 over TLS only'),
    });
  } finally {
    plain.close();
  }
});

test('a document without a GET is a load with --writes, and is not measured', async () => {
  const document = {
    openapi: '3.1.0',
    info: { title: 'Calls', version: '1' },
    paths: { '/call': { post: {} } },
  };
  writeFileSync(path.join(cwd, 'openapi.json'), JSON.stringify(document));
  await expect(run('openapi.json', { url: base })).rejects.toMatchObject({
    message: expect.stringContaining('what changes data: 1 of the operations'),
    fix: expect.stringContaining('--writes'),
  });
  const { notes, measurement } = await run('openapi.json', { url: base, writes: true });
  expect([measurement, notes]).toEqual([null, ['nothing was measured: all of its requests change data']]);
  expect(seen).toEqual([]);
  // Nobody knows where it leads, so the load does not follow.
  expect(parse(text('chaos/requests/calls.yaml')).requests).toEqual([
    { method: 'POST', path: '/call', redirects: 0 },
  ]);
});

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
}
