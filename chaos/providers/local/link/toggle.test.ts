import { createHash, type Hash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countOf } from '../../../../test/trials.ts';
import { bothDirections, type LinkEffect } from './effect.ts';
import { type Link, openLink } from './link.ts';

const toggles = countOf({ full: 5_000, sample: 300 });
const connections = 64;
const block = randomBytes(256 * 1024);

const effect: fc.Arbitrary<LinkEffect> = fc.oneof(
  fc.record({
    kind: fc.constant('blackhole' as const),
    directions: fc.constantFrom(bothDirections, ['to'] as const, ['from'] as const),
  }),
  fc.record({
    kind: fc.constant('latency' as const),
    directions: fc.constantFrom(bothDirections, ['to'] as const, ['from'] as const),
    delayMs: fc.integer({ min: 0, max: 5 }),
    jitterMs: fc.integer({ min: 0, max: 5 }),
  }),
  fc.constant({ kind: 'reset' as const }),
  fc.constant({ kind: 'refuse' as const }),
);
const harmless = effect.filter(({ kind }) => kind === 'blackhole' || kind === 'latency');

for (const [what, kinds] of [
  ['effects that lose nothing', harmless],
  ['all effects', effect],
] as const) {
  it(`stays whole under ${connections} connections when ${what} come and go`, {
    timeout: 60_000 + toggles * 200,
  }, async () => {
    const seed = Number(process.env.SQUALL_SEED ?? Date.now() % 2 ** 31);
    console.log(`${what}: ${toggles} toggles, seed ${seed}`);
    const before = descriptors();
    const upstream = await startEcho();
    const link = await openLink({ listen: '127.0.0.1:0', upstream: upstream.address });
    const talkers = Array.from({ length: connections }, (_, index) => startTalker(link, index));

    const plan = fc.sample(fc.tuple(kinds, fc.integer({ min: 0, max: 3 })), { numRuns: toggles, seed });
    for (const [planned, holdMs] of plan) {
      const active = await link.apply(planned);
      await sleep(holdMs);
      await link.remove(active);
      if (holdMs === 0) await sleep(1);
    }

    const told = await Promise.all(talkers.map((talker) => talker.finish()));
    for (const { sent, received } of told) expect(received).toBe(sent);
    if (kinds === harmless) expect(told.every(({ lives }) => lives === 1)).toBe(true);
    await until(() => link.reading().connections === 0 && link.reading().waiting === 0);
    await link.close();
    await upstream.close();
    await until(() => descriptors() <= before);
  });
}

/**
 * A client that sends a random amount, waits for all of it to come back, and goes on; when its connection breaks, it reconnects.
 * Whatever comes back must be what was sent, from the first byte on; in the end nothing may be missing.
 */
function startTalker(link: Link, index: number) {
  let finishing = false;
  let lives = 0;
  const done = (async () => {
    for (;;) {
      lives += 1;
      const outcome = await live(link, index, () => finishing);
      if (outcome !== undefined) return { ...outcome, lives };
      await sleep(1);
    }
  })();
  return {
    finish() {
      finishing = true;
      return done;
    },
  };
}

function live(
  link: Link,
  index: number,
  finishing: () => boolean,
): Promise<{ sent: string; received: string } | undefined> {
  return new Promise((resolve, reject) => {
    const [host = '', port] = link.address.split(':');
    const socket = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    const sent = createHash('sha256');
    const received = createHash('sha256');
    let expected: Buffer = Buffer.alloc(0);
    let ended = false;
    socket.on('connect', say);
    socket.on('data', (bytes: Buffer) => {
      if (!expected.subarray(0, bytes.length).equals(bytes))
        reject(new Error(`talker ${index}: bytes were changed`));
      received.update(bytes);
      expected = expected.subarray(bytes.length);
      if (expected.length === 0) say();
    });
    socket.on('error', () => {});
    socket.on('end', () => {
      socket.end();
      if (ended && expected.length === 0) resolve({ sent: hex(sent), received: hex(received) });
    });
    socket.on('close', () => resolve(undefined));

    function say(): void {
      if (finishing()) {
        ended = true;
        socket.end();
        return;
      }
      const from = Math.floor(Math.random() * block.length);
      expected = block.subarray(from, from + 1 + Math.floor(Math.random() * 16_384));
      sent.update(expected);
      socket.write(expected);
    }
  });
}

async function startEcho(): Promise<{ address: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      // All of them must have ended by themselves: the link passes every end on.
      await until(() => sockets.size === 0);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function hex(hash: Hash): string {
  return hash.digest('hex');
}

function descriptors(): number {
  return readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').length;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2);
}
