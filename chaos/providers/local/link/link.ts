import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatHostPort, type HostPort, parseHostPort } from '../../../fields/host-port.ts';
import { listenTrouble } from '../../../listening.ts';
import { ProviderError } from '../../../prepared-fault.ts';
import { type CarriedConnection, carryConnection } from './connection.ts';
import {
  type ActiveEffect,
  activate,
  type Direction,
  type LinkEffect,
  noteHit,
  type Passed,
} from './effect.ts';
import type { KeptLink } from './kept/registry.ts';
import { createLinkClients, type LinkUse } from './link-clients.ts';

/** A TCP link: what connects to `listen` is connected to `upstream`. */
export interface Link {
  /** host:port where it listens: the port that was asked for, or the one that port 0 got. */
  readonly address: string;
  /**
   * Brings an effect in; several may be in force together. What comes back is the link's own record of it. By its `key` another process
   * can ask about it, where the link is kept.
   */
  apply(effect: LinkEffect, key?: string): Promise<ActiveEffect>;
  /** Takes it out again; withheld data flow on. Idempotent. @throws ProviderError when the port cannot be taken back */
  remove(active: ActiveEffect): Promise<void>;
  readonly inForce: (active: ActiveEffect) => boolean;
  readonly reading: () => LinkReading;
  /** Who carries it, if that is not this process: `squall link`. */
  readonly keptBy?: KeptLink;
  /** The thread of this process that carries it, as the kernel numbers it; undefined where the kernel does not say. */
  readonly carrier?: number | undefined;
  close(): Promise<void>;
}

/** A link that the session carries, by the name of its component. */
export interface NamedLink {
  readonly name: string;
  readonly link: Link;
}

export interface LinkReading {
  readonly connections: number;
  /** Pieces taken in and not yet given on, over all connections. */
  readonly waiting: number;
  readonly passed: Passed;
  /** What came in and went out since the effects last changed: the link's own slowness, when nothing is in force. */
  readonly transit: { readonly pieces: number; readonly maxMs: number; readonly firstAt: number | undefined };
  readonly listening: boolean;
  /** What clients have done with it: squall's own connections are left out. */
  readonly use: LinkUse;
}

/** Starts to listen. @throws ProviderError when the address is not available */
export async function openLink({ listen, upstream }: { listen: string; upstream: string }): Promise<Link> {
  const connections = new Set<CarriedConnection>();
  const effects = new Set<ActiveEffect>();
  const passed: Passed = { to: 0, from: 0, connects: 0 };
  const clients = createLinkClients();
  let transit = noTransit();
  let changedAt = performance.now();
  const target = parseHostPort(upstream);
  let own = parseHostPort(listen);
  let server: Server | undefined = await listenOn(own, accept);
  own = { ...own, port: portOf(server) };
  let closed = false;

  return {
    address: formatHostPort(own),
    async apply(effect) {
      const active = activate(effect, passed);
      effects.add(active);
      changed();
      if (effect.kind === 'reset') hitAll(active, (connection) => connection.reset());
      if (effect.kind === 'refuse') {
        server?.close();
        server = undefined;
        hitAll(active, (connection) => connection.close());
      }
      return active;
    },
    async remove(active) {
      effects.delete(active);
      changed();
      await listenAgain();
    },
    inForce: (active) => effects.has(active),
    reading: () => ({
      connections: connections.size,
      waiting: [...connections].reduce((sum, connection) => sum + connection.waiting(), 0),
      passed: { ...passed },
      transit: { ...transit },
      listening: server !== undefined,
      use: clients.use(),
    }),
    async close() {
      closed = true;
      const last = server;
      server = undefined;
      const gone = last === undefined ? undefined : new Promise((resolve) => last.close(resolve));
      for (const connection of connections) connection.close();
      await gone;
    },
  };

  function accept(client: Socket): void {
    const { passed: notePassedBy, ended } = clients.accept(client.remotePort);
    for (const active of effects) {
      if (active.effect.kind !== 'reset') continue;
      noteHit(active);
      client.on('error', () => {});
      client.resetAndDestroy();
      ended();
      return;
    }
    for (const active of effects) {
      if (active.effect.kind === 'blackhole' && active.effect.directions.includes('to')) noteHit(active);
    }
    const connection = carryConnection({
      client,
      upstream: target,
      effects,
      connecting: () => {
        passed.connects += 1;
      },
      passed(direction, bytes, receivedAt) {
        notePassedBy(direction, bytes);
        notePassed(direction, bytes, receivedAt);
      },
      ended() {
        ended();
        connections.delete(connection);
      },
    });
    connections.add(connection);
  }

  function notePassed(direction: Direction, bytes: number, receivedAt: number): void {
    passed[direction] += bytes;
    if (receivedAt < changedAt) return;
    transit.pieces += 1;
    transit.maxMs = Math.max(transit.maxMs, performance.now() - receivedAt);
    transit.firstAt ??= Date.now();
  }

  function changed(): void {
    changedAt = performance.now();
    transit = noTransit();
    for (const connection of connections) connection.wake();
  }

  async function listenAgain(): Promise<void> {
    const refused = [...effects].some(({ effect }) => effect.kind === 'refuse');
    if (server !== undefined || refused || closed) return;
    server = await listenOn(own, accept);
  }

  function hitAll(active: ActiveEffect, hit: (connection: CarriedConnection) => void): void {
    for (const connection of connections) {
      noteHit(active);
      hit(connection);
    }
  }
}

const noTransit = () => ({ pieces: 0, maxMs: 0, firstAt: undefined as number | undefined });

/** While a link refused, an outgoing connection of anyone may have been given its port: such a one is soon gone again. */
async function listenOn(address: HostPort, accept: (client: Socket) => void): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen({ ...address, backlog: 4096 }, resolve);
      });
      return server.removeAllListeners('error').on('error', () => {});
    } catch (cause) {
      const inUse = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (inUse && attempt < 20) await sleep(50);
      else throw cannotListen(address, cause);
    }
  }
}

function cannotListen(address: HostPort, cause: unknown): ProviderError {
  const trouble = listenTrouble(cause, address.port);
  const why = trouble?.kind === 'forbidden' ? `: ${trouble.why}` : '';
  const message = `the link cannot listen on ${formatHostPort(address)}: ${(cause as Error).message}${why}`;
  return new ProviderError(message, { cause, fix: trouble?.fix ?? 'choose an address of this machine' });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address');
  return address.port;
}
