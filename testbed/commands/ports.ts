import net from 'node:net';
import { host, portOffsets } from '../lib/testbed.ts';

/** Below the range that the system uses for outgoing connections, which would get in the way of a restart. */
const lowest = 12_000;
const highest = 32_000;
const blockSize = 100;
const triesForBlock = 50;
/** Within a block; nothing is ever served there. Whoever listens on it owns the block. */
const claimOffset = blockSize - 1;

/** Ports that the testbed itself listens on; those of the links and of the alerts are squall's. */
const own = Object.entries(portOffsets).filter(
  ([name]) => !['link', 'vocal-link', 'second-studio-link', 'alerts'].includes(name),
);

/** A base port whose whole block is free right now. This process holds it, so that no other testbed takes it meanwhile. */
export async function findFreeBlock(): Promise<number> {
  for (let attempt = 0; attempt < triesForBlock; attempt++) {
    const blocks = (highest - lowest) / blockSize;
    const base = lowest + Math.floor(Math.random() * blocks) * blockSize;
    const claim = await listen(base + claimOffset);
    if (claim === undefined) continue;
    const free = await Promise.all(Object.values(portOffsets).map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
    claim.close();
  }
  throw new Error(`testbed: found no ${blockSize} free ports in a row between ${lowest} and ${highest}`);
}

/** @throws naming the port that somebody else listens on */
export async function requireFreePorts(basePort: number): Promise<void> {
  for (const [name, offset] of own) {
    if (await isFree(basePort + offset)) continue;
    throw new Error(
      `testbed: port ${basePort + offset} (for ${name}) is taken by another program, perhaps another user's testbed: end it, or choose other ports with --base-port (0: any that are free)`,
    );
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (server === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/** Does not keep the process alive. Undefined: somebody else listens there. */
function listen(port: number): Promise<net.Server | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => resolve(server.unref()));
  });
}
