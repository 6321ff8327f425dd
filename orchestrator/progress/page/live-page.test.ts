import { spawn } from 'node:child_process';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { RefusalError } from '../../refusal.ts';
import type { LivePage } from './live-page.ts';
import { openLivePage } from './live-page.ts';
import type { LiveMessage } from './message.ts';
import { uidIn } from './peer.ts';

const PASSED = { verdict: 'PASS', reasons: ['all held'], report: '/d/report.html', leftBehind: [] } as const;
const onStop = vi.fn();
const sockets: Socket[] = [];
let page: LivePage | null = null;

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await page?.end(PASSED);
  page = null;
  onStop.mockReset();
});

async function open(): Promise<{ port: number; token: string }> {
  page = await openLivePage({ run: 'r1', directory: '/d', faults: [], port: 0, onStop });
  const { body } = await ask(Number(new URL(page.url).port));
  const token = /data-token="([\w-]{32})"/.exec(body)?.[1] ?? '';
  return { port: Number(new URL(page.url).port), token };
}

test('the page is for this machine alone, with a policy that loads nothing from elsewhere', async () => {
  const { port, token } = await open();
  const { status, headers, body } = await ask(port);
  expect(status).toBe(200);
  expect(token).toHaveLength(32);
  expect(page?.url).not.toContain(token);
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none';.*script-src 'sha256-[^']+';.*connect-src 'self';.*frame-ancestors 'none'$/,
  );
  expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cache-control': 'no-store' });
  expect(headers['access-control-allow-origin']).toBeUndefined();
  expect(body).not.toMatch(/(src|href)="?http/);
});

test.each([
  ['a name that was made to lead here', { host: 'evil.example:80' }, 421],
  ['a name that begins like this machine', { host: '127.0.0.1.evil.example' }, 421],
  ['another address', { host: '192.168.0.7:80' }, 421],
  ['a request of another page', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }, 403],
  ['a picture in another page', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, 403],
  ['another page on this machine', { origin: 'http://127.0.0.1:1' }, 403],
  ['the user who types the address', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, 200],
  ['a port that was forwarded', { host: 'localhost:9999' }, 200],
])('%s', async (_, headers, status) => {
  const { port } = await open();
  for (const path of ['/', '/events']) expect((await ask(port, { path, headers })).status, path).toBe(status);
});

test.each([
  ['without anything', {}],
  ['with the token and no Origin', { 'x-squall-token': 'TOKEN' }],
  ['from another page', { 'x-squall-token': 'TOKEN', origin: 'http://evil.example' }],
  ['from another port of this machine', { 'x-squall-token': 'TOKEN', origin: 'http://127.0.0.1:1' }],
  ['from a page without an origin', { 'x-squall-token': 'TOKEN', origin: 'null' }],
  ['with another token', { 'x-squall-token': 'x'.repeat(32), origin: 'OWN' }],
  ['with an empty token', { 'x-squall-token': '', origin: 'OWN' }],
])('a stop %s stops nothing', async (_, headers) => {
  const { port, token } = await open();
  const real = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value.replace('TOKEN', token).replace('OWN', `http://127.0.0.1:${port}`),
    ]),
  );
  expect((await ask(port, { path: '/stop', method: 'POST', headers: real })).status).toBe(403);
  expect(onStop).not.toHaveBeenCalled();
});

test('a stop from the page itself stops the run, once', async () => {
  const { port, token } = await open();
  const headers = { 'x-squall-token': token, origin: `http://127.0.0.1:${port}` };
  const messages = listen(port);
  expect((await ask(port, { path: '/stop', headers: { ...headers } })).status).toBe(405);
  for (let again = 0; again < 2; again++)
    expect((await ask(port, { path: '/stop', method: 'POST', headers })).status).toBe(202);
  expect(onStop).toHaveBeenCalledOnce();
  await vi.waitFor(() => expect(messages.at(-1)?.head.stopping).toBe(true), 10_000);
});

test('answers nothing else', async () => {
  const { port } = await open();
  expect((await ask(port, { path: '/../etc/passwd' })).status).toBe(404);
  expect((await ask(port, { path: '/constructor' })).status).toBe(404);
  expect((await ask(port, { method: 'DELETE' })).status).toBe(405);
});

test('several browsers hear the same, the last word too', async () => {
  const { port } = await open();
  const heard = [listen(port), listen(port), listen(port)];
  await vi.waitFor(() => expect(heard.every((one) => one.length > 0)).toBe(true), 10_000);
  page?.event({ type: 'note', text: 'all hear this' });
  await page?.end(PASSED);
  await vi.waitFor(() =>
    expect(heard.map((one) => one.at(-1)?.head.end?.verdict)).toEqual(['PASS', 'PASS', 'PASS']),
  );
  for (const one of heard)
    expect(one.flatMap(({ log }) => log.map(({ text }) => text))).toEqual(['all hear this']);
  await expect(ask(port)).rejects.toThrow();
});

test('a port that is taken is refused before anything is started', async () => {
  const { port } = await open();
  const second = openLivePage({ run: 'r2', directory: '/d', faults: [], port, onStop });
  await expect(second).rejects.toThrow(RefusalError);
  await expect(second).rejects.toThrow(`port ${port} of 127.0.0.1: another program has it`);
});

test.skipIf(process.getuid?.() !== 0)(
  'another user of the machine sees nothing (needs root to become one)',
  async () => {
    const { port } = await open();
    const script = `fetch('http://127.0.0.1:${port}/').then((answer) => process.stdout.write(String(answer.status)))`;
    const child = spawn(process.execPath, ['-e', script], { uid: 65_534, cwd: '/', env: {} });
    let out = '';
    for await (const chunk of child.stdout) out += chunk;
    expect(out).toBe('403');
  },
);

test('the owner of a connection is read from the kernel', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:403B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     7        0 3921565 2 0
   1: 0100007F:84A1 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 3922496 1 0
   2: 0100007F:1F90 0100007F:84A1 01 00000000:00000000 00:00000000 00000000     0        0 3922497 1 0
`;
  expect(uidIn(table, 0x84a1, 8080)).toBe(1000);
  expect(uidIn(table, 8080, 0x84a1)).toBe(0);
  expect(uidIn(table, 0x84a1, 8081)).toBeNull();
});

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

/** Not fetch: that sets Host and Origin by itself. Of a stream only the head is awaited. */
function ask(port: number, { path = '/', method = 'GET', headers = {} }: Asked = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
        const { statusCode: status = 0, headers } = response;
        let body = '';
        response.setEncoding('utf8').on('data', (text) => {
          body += text;
        });
        if (headers['content-type'] === 'text/event-stream') {
          response.destroy();
          resolve({ status, headers, body });
        } else response.on('end', () => resolve({ status, headers, body }));
      })
        .on('error', reject)
        .end();
    },
  );
}

function listen(port: number): LiveMessage[] {
  const messages: LiveMessage[] = [];
  request({ host: '127.0.0.1', port, path: '/events', agent: false }, (response) => {
    sockets.push(response.socket);
    let rest = '';
    response.setEncoding('utf8').on('data', (text) => {
      const parts = (rest + text).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) messages.push(JSON.parse(part.replace(/^data: /, '')) as LiveMessage);
    });
    response.on('error', () => {});
  }).end();
  return messages;
}
