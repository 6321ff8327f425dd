import type { IncomingMessage } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Service } from '../lib/service.ts';
import { type Caller, createTokens } from '../lib/tokens.ts';

type OnSocket = (socket: WebSocket, caller: Caller, url: URL) => void;

/**
 * Accepts WebSockets at these paths. The token is in the header `Authorization`, or in the query as `token`, because browsers cannot set
 * headers on a WebSocket. Without a valid one the handshake is answered with 401.
 */
export function acceptSockets(
  service: Service,
  paths: Readonly<Record<string, OnSocket>>,
): { clients(): number; close(): void } {
  const tokens = createTokens(service.secrets.jwtKey);
  const server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024, perMessageDeflate: false });
  service.app.server.on('upgrade', (request: IncomingMessage, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://studio');
    const refuse = (line: string): void => {
      socket.end(`HTTP/1.1 ${line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
    };
    const onSocket = Object.hasOwn(paths, url.pathname) ? paths[url.pathname] : undefined;
    if (onSocket === undefined) return refuse('404 Not Found');
    const given = url.searchParams.get('token');
    const authorization = given === null ? request.headers.authorization : `Bearer ${given}`;
    socket.on('error', () => socket.destroy());
    tokens.verify(authorization, service.settings.read()).then(
      (caller) => server.handleUpgrade(request, socket, head, (ready) => onSocket(ready, caller, url)),
      () => refuse('401 Unauthorized'),
    );
  });
  return {
    clients: () => server.clients.size,
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
