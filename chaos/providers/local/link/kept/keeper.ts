import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { noteOwnPort } from '../../use/own-connections.ts';
import type { ActiveEffect } from '../effect.ts';
import type { Link } from '../link.ts';
import { type FromKeeper, type ToKeeper, toKeeper } from './messages.ts';

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
  const inForce = new Map<string, ActiveEffect>();
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
    const own = new Set<string>();
    let isKnown = false;
    try {
      for await (const line of createInterface({ input: socket })) {
        if (!isKnown && line !== token) break;
        if (!isKnown) {
          isKnown = true;
          continue;
        }
        const message = toKeeper.safeParse(parse(line)).data;
        if (message === undefined) break;
        socket.write(`${JSON.stringify(await answer(message, own))}\n`);
      }
    } catch {
      // A connection that broke is one that ended.
    }
    socket.destroy();
    for (const key of own) await remove(key).catch(() => {});
  }

  async function answer(message: ToKeeper, own: Set<string>): Promise<FromKeeper> {
    const { id } = message;
    try {
      if (message.ask === 'in-force') return { id, inForce: inForce.has(message.key) };
      if (message.ask === 'apply') {
        own.add(message.key);
        inForce.set(message.key, await link.apply(message.effect));
      }
      if (message.ask === 'remove') await remove(message.key);
      if (message.ask === 'look') for (const port of message.own) noteOwnPort(port);
      const active = [...own].flatMap((key) => stateOf(key, inForce.get(key)));
      return { id, reading: link.reading(), active };
    } catch (error) {
      return { id, problem: (error as Error).message };
    }
  }

  async function remove(key: string): Promise<void> {
    const active = inForce.get(key);
    if (active === undefined) return;
    await link.remove(active);
    inForce.delete(key);
  }
}

function stateOf(key: string, active: ActiveEffect | undefined): NonNullable<FromKeeper['active']> {
  if (active === undefined) return [];
  const { passedBefore, withheld, delayed, hit } = active;
  const minMs = Number.isFinite(delayed.minMs) ? delayed.minMs : null;
  return [{ key, passedBefore, withheld, delayed: { ...delayed, minMs }, hit }];
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
