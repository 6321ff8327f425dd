import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createAuthority } from '../../test/own-authority.ts';
import { createHttpClient, type HttpSettings } from './http-client.ts';
import { CannotAsk, NoAnswer } from './http-failure.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-http-'));
const file = (name: string) => path.join(directory, name);
const ends: (() => Promise<unknown> | unknown)[] = [];

beforeAll(() => createAuthority(directory));
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const hello: RequestListener = (_, response) => response.end('hello');

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const tlsTarget = async () =>
  `https://${await listening(createTlsServer({ key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) }, hello))}/`;

/** A proxy that forwards http and tunnels https, and what it was asked for. */
async function proxy(answer = 200) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    response.writeHead(answer).end('from the proxy');
  });
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    if (answer !== 200) return void socket.end(`HTTP/1.1 ${answer} No\r\n\r\n`);
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return { url: `http://user:pass%20word@${await listening(server)}`, asked };
}

async function ask(url: string, settings: HttpSettings = {}, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const client = createHttpClient(settings, env);
  try {
    const answer = await client.ask(url, { signal: AbortSignal.timeout(5_000) });
    return `${answer.status} ${await answer.text()}`;
  } finally {
    await client.close();
  }
}

const failure = (url: string, settings: HttpSettings = {}, env: NodeJS.ProcessEnv = {}) =>
  ask(url, settings, env).then(
    (text) => new Error(`it answered ${text}`),
    (error: Error) => error,
  );

test('a certificate of an authority that nobody knows is named, and no failure of the target', async () => {
  const error = await failure(await tlsTarget());
  expect(error).toBeInstanceOf(CannotAsk);
  expect(error.message).toMatch(
    /^cannot ask: the certificate of 127\.0\.0\.1:\d+ is not trusted \(.*certificate.*\); http\.ca /,
  );
});

const caFile = path.join(directory, 'ca.pem');
test.each<[string, HttpSettings, NodeJS.ProcessEnv]>([
  ['the environment (http.ca)', { ca: caFile }, {}],
  ['NODE_EXTRA_CA_CERTS of the caller', {}, { NODE_EXTRA_CA_CERTS: caFile }],
  ['SSL_CERT_FILE, which the load reads', {}, { SSL_CERT_FILE: caFile }],
])('it is trusted when %s names it', async (_, settings, env) => {
  expect(await ask(await tlsTarget(), settings, env)).toBe('200 hello');
});

test('certificates that cannot be read are an error before anything is asked', () => {
  expect(() => createHttpClient({ ca: file('none.pem') }, {})).toThrow(/http\.ca cannot be read: ENOENT/);
  expect(() => createHttpClient({ ca: file('key.pem') }, {})).toThrow(/http\.ca has no certificate in it/);
});

test('a name that the certificate does not have is named', async () => {
  const url = (await tlsTarget()).replace('127.0.0.1', 'localhost');
  const error = await failure(url, { ca: file('ca.pem') });
  expect(error).toBeInstanceOf(CannotAsk);
  expect(error.message).toContain('is not trusted (Hostname/IP does not match');
});

test('a proxy of the environment forwards http and tunnels https, with its credentials', async () => {
  const { url, asked } = await proxy();
  const target = await tlsTarget();
  const authorization = `Basic ${Buffer.from('user:pass word').toString('base64')}`;
  expect(await ask('http://a.invalid/x?y=1', { proxy: url })).toBe('200 from the proxy');
  expect(await ask(target, { proxy: url, ca: file('ca.pem') })).toBe('200 hello');
  expect(asked).toEqual([
    `GET http://a.invalid/x?y=1 ${authorization}`,
    `CONNECT ${new URL(target).host} ${authorization}`,
  ]);
});

test('HTTP_PROXY of the caller is used, but not for this machine', async () => {
  const { url, asked } = await proxy();
  const target = `http://${await listening(createServer(hello))}/`;
  expect(await ask('http://a.invalid/', {}, { HTTP_PROXY: url })).toBe('200 from the proxy');
  expect(await ask(target, {}, { HTTP_PROXY: url })).toBe('200 hello');
  expect(asked).toHaveLength(1);
});

test.each([
  ['wants credentials, of a forwarded request', 407, 'http://a.invalid/', /wants other credentials \(407\)/],
  [
    'wants credentials, of a tunnel',
    407,
    'https://a.invalid/',
    /answered 407 instead of a tunnel to a\.invalid/,
  ],
  ['does not allow it', 403, 'https://a.invalid/', /answered 403 instead of a tunnel/],
])('a proxy that %s is named, and no failure of the target', async (_, status, url, message) => {
  const error = await failure(url, { proxy: (await proxy(status)).url });
  expect(error).toBeInstanceOf(CannotAsk);
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('pass');
});

test('a proxy that is not there is named, and no failure of the target', async () => {
  const error = await failure('http://a.invalid/', { proxy: 'http://127.0.0.1:1' });
  expect(error).toBeInstanceOf(CannotAsk);
  expect(error.message).toBe('cannot ask: the proxy 127.0.0.1:1 refused the connection');
});

test.each([
  [
    'a name that nobody knows',
    'http://squall.invalid/',
    CannotAsk,
    /name of squall\.invalid cannot be resolved \(E/,
  ],
  [
    'a port that nobody listens on',
    'http://127.0.0.1:1/',
    NoAnswer,
    /^127\.0\.0\.1:1 refused the connection$/,
  ],
  [
    'a name with two addresses where nobody listens',
    'http://localhost:1/',
    NoAnswer,
    /^localhost:1 refused the connection$/,
  ],
])('%s is named', async (_, url, kind, message) => {
  const error = await failure(url);
  expect(error).toBeInstanceOf(kind);
  expect(error.message).toMatch(message);
});

test.each([
  ['closes', (end: (text?: string) => void) => end(), NoAnswer, /closed the connection without an answer$/],
  [
    'speaks something else',
    (end: (text?: string) => void) => end('SSH-2.0-x\r\n'),
    NoAnswer,
    /did not answer with HTTP/,
  ],
])('a target that takes the connection and %s has been asked', async (_, behave, kind, message) => {
  const host = await listening(
    createTcpServer((socket) => {
      socket.on('error', () => {}).once('data', () => behave((text) => socket.end(text ?? '')));
    }),
  );
  const error = await failure(`http://${host}/`);
  expect(error).toBeInstanceOf(kind);
  expect(error.message).toMatch(message);
});

test('https asked of a port that speaks http is no failure of the target', async () => {
  const error = await failure(`https://${await listening(createServer(hello))}/`);
  expect(error).toBeInstanceOf(CannotAsk);
  expect(error.message).toContain('does not speak TLS as asked');
});

test('credentials in a URL go as Basic authentication', async () => {
  const target = await listening(
    createServer((request, response) => response.end(request.headers.authorization)),
  );
  expect(await ask(`http://u:p%40@${target}/`)).toBe(`200 Basic ${Buffer.from('u:p@').toString('base64')}`);
});

test('a redirect is an answer, and an answer without end can be dropped', async () => {
  const moved = await listening(
    createServer((_, response) => response.writeHead(302, { location: '/x' }).end()),
  );
  expect(await ask(`http://${moved}/`)).toBe('302 ');
  const endless = createServer((_, response) => void response.write('x'));
  ends.unshift(() => endless.closeAllConnections());
  const client = createHttpClient({}, {});
  const answer = await client.ask(`http://${await listening(endless)}/`, {
    signal: AbortSignal.timeout(5_000),
  });
  answer.drop();
  expect(answer.status).toBe(200);
  await client.close();
});

test('a resolver that is not done in time is no silence of the target', async () => {
  const client = createHttpClient({}, {});
  ends.push(() => client.close());
  const error = await client
    .ask('http://localhost:1/', { signal: AbortSignal.abort() })
    .catch((cause: Error) => cause);
  expect(error).toBeInstanceOf(CannotAsk);
  expect(error).toMatchObject({ message: 'cannot ask: the name of localhost was not resolved in time' });
});

test('a host that speaks nothing but HTTP/2 is asked in that, and still has to show a certificate', async () => {
  const keys = { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) };
  const server = createSecureServer(keys, ({ httpVersion }, response) => response.end(httpVersion));
  const url = `https://${await listening(server as unknown as Server)}/`;
  expect(await ask(url, { ca: file('ca.pem') })).toBe('200 2.0');
  await expect(ask(url)).rejects.toThrow('is not trusted');
});
