import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { refusalOf } from './guard.ts';
import { isOwnPeer } from './peer.ts';

/** k6's own dashboard of the first load, passed through. */
export interface K6Dashboard {
  readonly url: string;
  /** Where k6 has to serve it (`K6_WEB_DASHBOARD_PORT`). */
  readonly k6Port: number;
  close(): void;
}

/**
 * k6 does not end while a browser is connected to its dashboard; not even SIGINT ends it then (seen with 1.8.1 and 2.2.0). So browsers
 * are connected to squall, which hangs up on k6 when its stream says `stop`, and lets none in afterwards. k6 also answers every web
 * page in the world; here the guard of the live page holds.
 */
export async function openK6Dashboard(): Promise<K6Dashboard> {
  const k6Port = await freePort();
  let isOver = false;
  const server = createServer((asked, answer) => void pass(asked, answer));
  server.maxConnections = 16;

  async function pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    asked.resume();
    answer.on('error', () => {});
    const refusal = refusalOf(asked, null);
    if (refusal !== null || !(await isOwnPeer(asked.socket)))
      return say(
        answer,
        refusal?.status ?? 403,
        refusal?.why ?? 'this page is for the user who started the run',
      );
    if (asked.method !== 'GET') return say(answer, 405, 'this takes GET');
    if (isOver) return say(answer, 410, 'k6 has ended');
    const { 'accept-encoding': _, ...headers } = asked.headers;
    const k6 = request({
      ...{ host: '127.0.0.1', port: k6Port, path: asked.url, agent: false },
      headers: { ...headers, host: `127.0.0.1:${k6Port}`, connection: 'close' },
    });
    k6.on('error', () => {
      if (answer.headersSent) answer.destroy();
      else say(answer, 502, 'k6 does not answer: it has not begun, or has ended');
    });
    answer.on('close', () => k6.destroy());
    k6.on('response', (response) => forward(response, answer, () => k6.destroy()));
    k6.end();
  }

  function forward(response: IncomingMessage, answer: ServerResponse, hangUp: () => void): void {
    const { 'access-control-allow-origin': _, ...headers } = response.headers;
    answer.writeHead(response.statusCode ?? 502, { ...headers, 'x-frame-options': 'DENY' });
    let tail = '';
    response.on('error', () => answer.destroy());
    response.on('end', () => answer.end());
    response.on('data', (chunk: Buffer) => {
      answer.write(chunk);
      // Whoever does not read must not make k6 wait.
      if (answer.writableLength > MAX_UNREAD_BYTES) return void answer.destroy();
      if (headers['content-type'] !== 'text/event-stream') return;
      tail = (tail + chunk.toString('latin1')).slice(-TAIL);
      if (!/^event: stop$/m.test(tail)) return;
      isOver = true;
      answer.end();
      hangUp();
    });
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    k6Port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const MAX_UNREAD_BYTES = 4_000_000;
/** Longer than the line that is looked for, shorter than the snapshots between which it comes. */
const TAIL = 4_096;

function say(answer: ServerResponse, status: number, text: string): void {
  answer.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

/** k6 cannot be given port 0 and say which one it got. */
async function freePort(): Promise<number> {
  const server = createTcpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
