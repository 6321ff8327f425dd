import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { bothDirections } from './effect.ts';
import { type Link, openLink } from './link.ts';
import { probeLink } from './probe.ts';

// On a busy machine even small things take their time.
vi.setConfig({ testTimeout: 30_000 });

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

it('carries bytes unchanged and in order, whatever the size of the pieces', async () => {
  const { link } = await linkTo(echo);
  const sent = randomBytes(8 * 1024 * 1024);
  const received = await exchange(await client(link), sent);
  expect(sha256(received)).toBe(sha256(sent));
});

it('passes a half-close on: the upstream may answer after the client has ended its stream', async () => {
  const { link } = await linkTo((socket) => {
    const pieces: Buffer[] = [];
    socket
      .on('data', (piece) => pieces.push(piece))
      .on('end', () => socket.end(sha256(Buffer.concat(pieces))));
  });
  const sent = randomBytes(3_000_000);
  expect((await exchange(await client(link), sent)).toString()).toBe(sha256(sent));
});

it('passes the upstream ending first on, and then carries what the client still sends', async () => {
  let got = '';
  const { link } = await linkTo((socket) => {
    socket.end('bye');
    socket.on('data', (piece) => {
      got += piece;
    });
  });
  const socket = await client(link);
  await once(socket.resume(), 'end');
  socket.end('still here');
  await until(() => got === 'still here');
});

it('passes a reset by either end on to the other', async () => {
  const served: Socket[] = [];
  const { link } = await linkTo((socket) => {
    socket.on('error', () => {});
    served.push(socket);
    socket.resume();
  });
  const first = await client(link);
  await until(() => served.length === 1);
  const upstreamError = once(served[0] as Socket, 'error');
  first.resetAndDestroy();
  expect(((await upstreamError) as NodeJS.ErrnoException).code).toBe('ECONNRESET');
  const second = await client(link);
  await until(() => served.length === 2);
  const clientError = once(second, 'error');
  served[1]?.resetAndDestroy();
  expect(((await clientError) as NodeJS.ErrnoException).code).toBe('ECONNRESET');
  await until(() => link.reading().connections === 0);
});

it('resets a client whose upstream is not there', async () => {
  const { link, server } = await linkTo(echo);
  await new Promise((resolve) => server.close(resolve));
  expect((await probeLink(link.address, 2000)).outcome).toBe('reset');
});

it('does not read without end when the other side does not: the sender feels it', async () => {
  const { link } = await linkTo((socket) => socket.pause());
  const socket = await client(link);
  const piece = randomBytes(256 * 1024);
  let written = 0;
  while (written < 64 * 1024 * 1024 && socket.write(piece)) written += piece.length;
  await until(() => !socket.writableNeedDrain || link.reading().passed.to > 0);
  // The kernel's buffers of both connections and the link's own queue take a few MB, not 64.
  await settled(() => link.reading().passed.to + link.reading().waiting);
  expect(link.reading().passed.to).toBeLessThan(32 * 1024 * 1024);
});

for (const directions of [bothDirections, ['to'], ['from']] as const) {
  it(`withholds what passes in a blackhole (${directions.join(' and ')}) and loses none of it`, async () => {
    const { link } = await linkTo(echo);
    const socket = await client(link);
    expect((await exchange(socket, Buffer.from('before'), 'open')).toString()).toBe('before');
    const active = await link.apply({ kind: 'blackhole', directions: [...directions] });
    const sent = randomBytes(4 * 1024 * 1024);
    const received = exchange(socket, sent);
    await until(() => active.withheld.bytes > 0);
    const passed = link.reading().passed;
    await settled(() => active.withheld.bytes);
    for (const direction of directions) {
      expect(link.reading().passed[direction]).toBe(active.passedBefore[direction]);
    }
    expect(passed.connects).toBe(1);
    await link.remove(active);
    expect(sha256(await received)).toBe(sha256(sent));
  });
}

it('does not connect a new client to the upstream while the way there is cut, and does when healed', async () => {
  const { link } = await linkTo(echo);
  const active = await link.apply({ kind: 'blackhole', directions: bothDirections });
  const socket = await client(link);
  const received = exchange(socket, Buffer.from('late'));
  await until(() => active.withheld.bytes === 4);
  expect(link.reading().passed.connects).toBe(0);
  await link.remove(active);
  expect((await received).toString()).toBe('late');
});

it('lets neither end know of the other end resetting while cut off, and both when healed', async () => {
  const served: Socket[] = [];
  let errors = 0;
  const { link } = await linkTo((socket) => {
    served.push(socket.on('error', () => (errors += 1)).resume());
  });
  const socket = await client(link);
  await until(() => served.length === 1);
  const active = await link.apply({ kind: 'blackhole', directions: bothDirections });
  socket.resetAndDestroy();
  await client(link).then((another) => another.resetAndDestroy());
  await settled(() => errors);
  expect(errors).toBe(0);
  await link.remove(active);
  await until(() => errors === 1 && link.reading().connections === 0);
});

it('resets existing connections and new ones, then carries again', async () => {
  const { link } = await linkTo(echo);
  const socket = await client(link);
  await exchange(socket, Buffer.from('hello'), 'open');
  const error = once(socket, 'error');
  const active = await link.apply({ kind: 'reset' });
  expect(((await error) as NodeJS.ErrnoException).code).toBe('ECONNRESET');
  expect((await probeLink(link.address, 2000)).outcome).toBe('reset');
  await link.remove(active);
  expect((await exchange(await client(link), Buffer.from('back'))).toString()).toBe('back');
});

it('refuses new connections and closes existing ones, then listens on the same port again', async () => {
  const { link } = await linkTo(echo);
  const socket = await client(link);
  await exchange(socket, Buffer.from('hello'), 'open');
  const closed = once(socket.resume(), 'end');
  const active = await link.apply({ kind: 'refuse' });
  await closed;
  expect((await probeLink(link.address, 2000)).outcome).toBe('refused');
  await link.remove(active);
  expect((await exchange(await client(link), Buffer.from('back'))).toString()).toBe('back');
});

it('says who to look for when the port to listen on again has been taken', async () => {
  const { link } = await linkTo(echo);
  const active = await link.apply({ kind: 'refuse' });
  const port = Number(link.address.split(':')[1]);
  const thief = createServer().listen(port, '127.0.0.1');
  await once(thief, 'listening');
  await expect(link.remove(active)).rejects.toThrow(/cannot listen on .*EADDRINUSE/);
  await new Promise((resolve) => thief.close(resolve));
  await link.remove(active);
  expect(link.reading().listening).toBe(true);
});

it('delays what passes by at least the delay less the jitter, in order', async () => {
  const { link } = await linkTo(echo);
  const active = await link.apply({ kind: 'latency', directions: bothDirections, delayMs: 30, jitterMs: 20 });
  const sent = randomBytes(1024 * 1024);
  const received = await exchange(await client(link), sent);
  expect(sha256(received)).toBe(sha256(sent));
  expect(active.delayed.pieces).toBeGreaterThan(1);
  expect(active.delayed.minMs).toBeGreaterThanOrEqual(10);
  expect(active.delayed.maxMs).toBeGreaterThan(active.delayed.minMs);
});

it('delays one direction only when told so', async () => {
  const { link } = await linkTo(echo);
  const active = await link.apply({ kind: 'latency', directions: ['from'], delayMs: 40, jitterMs: 0 });
  const socket = await client(link);
  const startedAt = performance.now();
  await exchange(socket, Buffer.from('there and back'), 'open');
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(40);
  expect(active.delayed.pieces).toBe(1);
});

it('lets flow at once what a latency still holds when it is taken away', async () => {
  const { link } = await linkTo(echo);
  const active = await link.apply({ kind: 'latency', directions: ['to'], delayMs: 3_600_000, jitterMs: 0 });
  const received = exchange(await client(link), Buffer.from('held'));
  await until(() => link.reading().waiting > 0);
  await link.remove(active);
  expect((await received).toString()).toBe('held');
});

it('carries effects that overlap, and each goes away by itself', async () => {
  const { link } = await linkTo(echo);
  const slow = await link.apply({ kind: 'latency', directions: bothDirections, delayMs: 5, jitterMs: 0 });
  const cut = await link.apply({ kind: 'blackhole', directions: ['to'] });
  const received = exchange(await client(link), Buffer.from('both'));
  await until(() => cut.withheld.bytes === 4);
  await link.remove(cut);
  expect((await received).toString()).toBe('both');
  expect(slow.delayed.pieces).toBeGreaterThan(0);
  await link.remove(slow);
});

it('leaves no descriptor behind when it closes under load, stalled connections included', async () => {
  const before = descriptors();
  const { link, server } = await linkTo(echo);
  const clients = await Promise.all(Array.from({ length: 64 }, () => client(link)));
  await link.apply({ kind: 'blackhole', directions: bothDirections });
  for (const socket of clients) socket.write(randomBytes(100_000));
  await until(() => link.reading().waiting > 0);
  await link.close();
  for (const socket of clients) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  await until(() => descriptors() <= before);
});

function echo(socket: Socket): void {
  socket.on('error', () => {}).pipe(socket);
}

async function linkTo(serve: (socket: Socket) => void): Promise<{ link: Link; server: Server }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const upstream = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const link = await openLink({ listen: '127.0.0.1:0', upstream });
  cleanups.push(
    () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
    () => link.close(),
  );
  return { link, server };
}

async function client(link: Link): Promise<Socket> {
  const [host = '', port] = link.address.split(':');
  const socket = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
  socket.on('error', () => {});
  cleanups.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Sends, and reads until the stream ends or (kept open) as many bytes have come back. */
async function exchange(socket: Socket, sent: Buffer, then: 'end' | 'open' = 'end'): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const take = (piece: Buffer) => {
      pieces.push(piece);
      bytes += piece.length;
      if (then === 'open' && bytes >= sent.length) finish();
    };
    const finish = () => {
      socket.off('data', take);
      resolve(Buffer.concat(pieces));
    };
    socket.on('data', take).once('end', finish).once('error', reject);
    if (then === 'end') socket.end(sent);
    else socket.write(sent);
  });
}

function once(emitter: NodeJS.EventEmitter, event: string): Promise<unknown> {
  return new Promise((resolve) => emitter.once(event, resolve));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Waits until a value has stayed the same for 20 looks in a row. */
async function settled(look: () => number): Promise<void> {
  let last = look();
  for (let same = 0; same < 20; ) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const now = look();
    same = now === last ? same + 1 : 0;
    last = now;
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function descriptors(): number {
  return readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').length;
}
