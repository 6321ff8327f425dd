import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createAuthority } from './own-authority.ts';

/** A proxy as companies have it, behind which all names lead to one address. */
export interface Tunnel {
  /** For HTTPS_PROXY. */
  readonly url: string;
  /** Where it was asked to connect to, e.g. `sts.eu-central-1.amazonaws.com:443`, in order. */
  readonly hosts: readonly string[];
  /** The Proxy-Authorization of each. */
  readonly credentials: readonly (string | undefined)[];
  /** From now on it answers this to CONNECT; 200: it connects. */
  status: number;
  close(): Promise<void>;
}

export interface TunnelOptions {
  /** Gets the files of its certificate. */
  readonly directory: string;
  /** Where requests go, whatever their host. */
  readonly to: string;
  /** Answers by itself the requests to hosts that begin so. */
  readonly answers?: Readonly<Record<string, object>>;
}

/** On loopback. What connects through it must not look at certificates: nobody signs the names of AWS or Google for a test. */
export async function startTunnel({ directory, to, answers = {} }: TunnelOptions): Promise<Tunnel> {
  createAuthority(directory);
  const file = (name: string) => readFileSync(path.join(directory, name));
  const hosts: string[] = [];
  const credentials: (string | undefined)[] = [];
  const behind = https.createServer({ key: file('key.pem'), cert: file('cert.pem') }, (request, response) => {
    const { method, headers, url } = request;
    const own = Object.entries(answers).find(([host]) => headers.host?.startsWith(host))?.[1];
    if (own !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(own));
      return;
    }
    const passed = http.request(new URL(url ?? '/', to), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  const proxy = http.createServer();
  const sockets = new Set<{ destroy(): void }>();
  proxy.on('connect', ({ url = '', headers }, socket) => {
    hosts.push(url);
    credentials.push(headers['proxy-authorization']);
    sockets.add(socket);
    socket.on('error', () => {});
    if (tunnel.status !== 200) {
      socket.end(`HTTP/1.1 ${tunnel.status} No\r\ncontent-length: 2\r\n\r\nno`);
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    behind.emit('connection', socket);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const tunnel: Tunnel = {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    hosts,
    credentials,
    status: 200,
    async close() {
      for (const socket of sockets) socket.destroy();
      const closed = once(proxy, 'close');
      proxy.close();
      proxy.closeAllConnections();
      await closed;
    },
  };
  return tunnel;
}
