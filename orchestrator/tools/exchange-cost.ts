import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** So that compiled code is measured. */
const WARM_UP = 1_500;
const COUNTED = 3_000;
const AT_ONCE = 8;
/** A machine on which this takes longer carries nothing anyway. */
const LIMIT_MS = 10_000;

/**
 * Processor time of one small HTTP exchange over loopback, client and server together, in microseconds: how fast a processor of this
 * machine is at what a load consists of. Takes about a second. Processor time, so that other work on the machine hardly changes it.
 */
export async function exchangeCostMicros(): Promise<number> {
  const server = http.createServer((_, response) => response.end('{"status":"ok"}'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const { port } = server.address() as AddressInfo;
  const until = performance.now() + LIMIT_MS;
  const exchange = async (): Promise<void> => {
    const [response] = await once(http.get({ port, host: '127.0.0.1', agent }), 'response');
    response.resume();
    await once(response, 'end');
  };
  const run = async (count: number): Promise<number> => {
    let left = count;
    const lane = async () => {
      for (; left > 0 && performance.now() < until; left -= 1) await exchange();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return count - Math.max(0, left);
  };
  try {
    await run(WARM_UP);
    const from = process.cpuUsage();
    const done = await run(COUNTED);
    const { user, system } = process.cpuUsage(from);
    return done === 0 ? Number.POSITIVE_INFINITY : (user + system) / done;
  } finally {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  }
}
