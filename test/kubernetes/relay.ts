import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A second way to the API server that can be cut. TLS passes through unchanged. */
export interface Relay {
  readonly url: string;
  /** Ends every connection, and every new one immediately. */
  cut(): void;
  mend(): void;
  /** How many connections were ended immediately. */
  refused(): number;
  close(): Promise<void>;
}

export async function startRelay({ hostname, port }: URL): Promise<Relay> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let refused = 0;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    return socket;
  };
  const server = createServer((client) => {
    keep(client);
    if (isCut) {
      refused += 1;
      client.destroy();
      return;
    }
    const upstream = keep(connect(Number(port), hostname));
    client.pipe(upstream).pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true;
      endAll();
    },
    mend() {
      isCut = false;
    },
    refused: () => refused,
    async close() {
      server.close();
      endAll();
      await once(server, 'close');
    },
  };
}
