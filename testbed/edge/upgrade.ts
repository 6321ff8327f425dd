import type { IncomingMessage } from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Route } from './proxy.ts';

/** Hands a WebSocket (or any upgrade) to a replica and then only moves bytes, with back-pressure. */
export function forwardUpgrade(route: Route, request: IncomingMessage, client: Duplex, head: Buffer): void {
  const replica = route.replicas.pick([]);
  if (replica === undefined) {
    client.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  const { hostname, port } = new URL(replica.origin);
  const upstream = net.connect({ host: hostname, port: Number(port), noDelay: true });
  const close = (): void => {
    client.destroy();
    upstream.destroy();
  };
  client.on('error', close);
  client.on('close', close);
  upstream.on('error', close);
  upstream.on('close', close);
  upstream.once('connect', () => {
    replica.inFlight += 1;
    upstream.once('close', () => {
      replica.inFlight -= 1;
    });
    upstream.write(requestHead(request));
    upstream.write(head);
    upstream.pipe(client);
    client.pipe(upstream);
  });
}

function requestHead(request: IncomingMessage): string {
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
