import net from 'node:net';
import { host, port, type Testbed } from '../lib/testbed.ts';
import { masterName, redisNames, sentinelNames } from './names.ts';
import type { RedisName } from './nodes.ts';

/**
 * One command on one short connection, the reply as text. That is enough for health checks, and unlike a client it keeps no connection,
 * does not retry, and has no state about a frozen node.
 * @throws when there is no reply within `timeoutMs`
 */
export function ask(portNumber: number, words: readonly string[], timeoutMs = 800): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port: portNumber });
    let text = '';
    const end = (error?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error === undefined) resolve(text);
      else reject(error);
    };
    const timer = setTimeout(() => end(new Error(`no reply within ${timeoutMs} ms`)), timeoutMs);
    socket.on('error', end);
    socket.on('close', () => end());
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
    });
    // Our half is closed, so the server closes after its reply: the end of the stream is the end of the reply.
    socket.end(`${words.join(' ')}\r\n`);
  });
}

export async function ping(portNumber: number): Promise<void> {
  const reply = await ask(portNumber, ['PING']);
  if (!reply.startsWith('+PONG')) throw new Error(reply.split('\r\n')[0] || 'no reply');
}

export interface Replication {
  readonly role: 'master' | 'slave';
  /** Whether a replica's link to the master is up. */
  readonly linkUp: boolean;
  /** How many replicas of a master are online. */
  readonly replicas: number;
}

export async function replication(testbed: Testbed, name: RedisName): Promise<Replication> {
  const text = await ask(port(testbed, name), ['INFO', 'replication']);
  return {
    role: /^role:master/m.test(text) ? 'master' : 'slave',
    linkUp: /^master_link_status:up/m.test(text),
    replicas: (text.match(/^slave\d+:.*state=online/gm) ?? []).length,
  };
}

/** The master that most of the Sentinels name, or undefined when fewer than two agree. */
export async function currentMaster(testbed: Testbed): Promise<RedisName | undefined> {
  const replies = await Promise.allSettled(
    sentinelNames.map((name) =>
      ask(port(testbed, name), ['SENTINEL', 'get-master-addr-by-name', masterName]),
    ),
  );
  const votes = new Map<RedisName, number>();
  for (const reply of replies) {
    if (reply.status === 'rejected') continue;
    const named = redisNames.find((name) => reply.value.includes(`\r\n${port(testbed, name)}\r\n`));
    if (named !== undefined) votes.set(named, (votes.get(named) ?? 0) + 1);
  }
  return [...votes].find(([, count]) => count >= 2)?.[0];
}

/** A failover works only if each Sentinel knows the replica and both of the others. */
export async function sentinelsKnowAll(testbed: Testbed): Promise<boolean> {
  const views = await Promise.allSettled(
    sentinelNames.map((name) => ask(port(testbed, name), ['SENTINEL', 'master', masterName])),
  );
  const value = (text: string, field: string): number =>
    Number(text.match(`\r\n${field}\r\n\\$\\d+\r\n(\\d+)`)?.[1]);
  return views.every(
    (view) =>
      view.status === 'fulfilled' &&
      value(view.value, 'num-slaves') >= redisNames.length - 1 &&
      value(view.value, 'num-other-sentinels') >= sentinelNames.length - 1,
  );
}
