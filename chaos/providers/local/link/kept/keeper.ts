import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { answersOf } from '../answers.ts';
import type { Link } from '../link.ts';
import { toCarrier } from '../messages.ts';

export interface KeeperServer {
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

/**
 * Lets drills of this machine put faults into a link that this process carries. Whatever a connection has put in is taken out when it
 * ends, and the kernel ends it with its process, however that dies.
 */
export async function serveKeeper(link: Link): Promise<KeeperServer> {
  const token = randomUUID();
  const asker = answersOf(link);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    void talk(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    token,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function talk(socket: Socket): Promise<void> {
    const drill = asker();
    let isKnown = false;
    try {
      for await (const line of createInterface({ input: socket })) {
        if (!isKnown && line !== token) break;
        if (!isKnown) {
          isKnown = true;
          continue;
        }
        const message = toCarrier.safeParse(parse(line)).data;
        if (message === undefined) break;
        socket.write(`${JSON.stringify(await drill.answer(message))}\n`);
      }
    } catch {
      // A connection that broke is one that ended.
    }
    socket.destroy();
    await drill.end();
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
