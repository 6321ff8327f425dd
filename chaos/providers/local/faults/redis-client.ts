import type { z } from 'zod';
import { exportsOf } from '../../../exports-of.ts';
import { parseHostPort, samePort } from '../../../fields/host-port.ts';
import type { redisComponent } from '../component.ts';

export type RedisForm = z.output<typeof redisComponent>;
/** The member of the component that says how to log in. */
export type RedisLogin = 'auth' | 'sentinelAuth';

/** Where to connect, and as whom; without a login as whoever needs none. */
export interface RedisServer {
  readonly address: string;
  readonly login?: RedisForm[RedisLogin];
}

export function nodesOf({ nodes, auth }: RedisForm): (RedisServer & RedisForm['nodes'][number])[] {
  return nodes.map((node) => ({ ...node, login: auth }));
}

/** Each of them once: localhost and 127.0.0.1 would be two votes of one sentinel. */
export function sentinelsOf({ sentinels, sentinelAuth }: RedisForm): RedisServer[] {
  const isFirst = (address: string, index: number) =>
    sentinels.findIndex((other) => samePort(other) === samePort(address)) === index;
  return sentinels.filter(isFirst).map((address) => ({ address, login: sentinelAuth }));
}

/** While watching, a node that hangs must not hold up the look at the others. */
export const watchingMs = 1000;
/** When resolving there is time: a machine under load answers late. */
export const resolvingMs = 5000;

/** One command on a connection of its own: no retries, nothing kept. @throws when there is no answer in time, or an error */
export async function askRedis(
  { address, login }: RedisServer,
  command: readonly string[],
  withinMs = watchingMs,
): Promise<unknown> {
  const client = (await template()).duplicate({
    socket: { ...parseHostPort(address), connectTimeout: 2 * withinMs, reconnectStrategy: false },
    ...(login !== undefined && { password: login.password }),
    ...(login?.username !== undefined && { username: login.username }),
  });
  client.on('error', () => {}); // Also thrown by what waits for it.
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      client.connect().then(() => client.sendCommand([...command])),
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${withinMs} ms`)), withinMs);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    // A client that is closed already would throw here, and hide why it is.
    if (client.isOpen) client.destroy();
  }
}

/**
 * The client that all others are duplicates of; it never connects. createClient() builds a class with a method for each command of Redis,
 * anew for each address: 50 ms in which squall carries no link and sees no sample.
 */
async function template() {
  const { createClient } = exportsOf(await import('redis'));
  // Without the info on the client: a refusal of Redis would go to that command, where the client drops it.
  made ??= createClient({ disableOfflineQueue: true, disableClientInfo: true });
  return made;
}

let made: ReturnType<typeof import('redis')['createClient']> | undefined;

export async function redisInfo(server: RedisServer, withinMs = watchingMs): Promise<Map<string, string>> {
  const text = String(await askRedis(server, ['INFO'], withinMs));
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
    }),
  );
}
