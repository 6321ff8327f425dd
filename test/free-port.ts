import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const FIRST = 10_000;
const END = firstOutgoing();
/** Test files that run at the same time must not get the same port, so each worker has every n-th. */
const LANES = 8;
const lane = Number(process.env.VITEST_POOL_ID ?? 0) % LANES;
/** Handed out and perhaps not in use yet, oldest first. The oldest may be handed out again: thousands of trials need more than exist. */
const given = new Set<number>();
const REMEMBERED = 300;

/**
 * Free ports, all different, for programs that cannot be given port 0. They are below the range that the kernel uses for outgoing
 * connections: a port in that range, free a moment ago, is taken by the next client that connects somewhere.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count; attempt += 1) {
    if (attempt > 1000 + count) throw new Error('no free port found');
    const port = FIRST + lane + LANES * Math.floor((Math.random() * (END - FIRST - lane)) / LANES);
    if (given.has(port)) continue;
    // Before the look whether it is free: trials in parallel must not look at the same one.
    given.add(port);
    if (!(await isFree(port))) continue;
    ports.push(port);
    if (given.size > REMEMBERED) given.delete(given.values().next().value as number);
  }
  return ports;
}

function firstOutgoing(): number {
  try {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s/)[0]);
    return first > FIRST + 1000 ? first : 32_768;
  } catch {
    return 32_768;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
