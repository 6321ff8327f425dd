import type { z } from 'zod';
import { exportsOf } from '../../../exports-of.ts';
import { parseHostPort } from '../../../fields/host-port.ts';
import type { redisComponent } from '../component.ts';

export type RedisForm = z.output<typeof redisComponent>;

/** While watching, a node that hangs must not hold up the look at the others. */
export const watchingMs = 1000;
/** When resolving there is time: a machine under load answers late. */
export const resolvingMs = 5000;

/** One command on a connection of its own: no retries, nothing kept. @throws when there is no answer in time, or an error */
export async function askRedis(
  address: string,
  command: readonly string[],
  withinMs = watchingMs,
): Promise<unknown> {
  const client = (await template()).duplicate({
    socket: { ...parseHostPort(address), connectTimeout: 2 * withinMs, reconnectStrategy: false },
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
  made ??= createClient({ disableOfflineQueue: true });
  return made;
}

let made: ReturnType<typeof import('redis')['createClient']> | undefined;

/** Sentinels name addresses by number. */
export function normalize(address: string): string {
  return address.replace(/^localhost:/, '127.0.0.1:');
}

export async function redisInfo(address: string, withinMs = watchingMs): Promise<Map<string, string>> {
  const text = String(await askRedis(address, ['INFO'], withinMs));
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
    }),
  );
}
