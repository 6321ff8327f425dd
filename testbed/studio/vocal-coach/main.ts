import { appendFileSync } from 'node:fs';
import { Counter, Gauge } from 'prom-client';
import type { WebSocket } from 'ws';
import { everyNth } from '../../lib/every-nth.ts';
import { createService } from '../../lib/service.ts';
import { paths } from '../../lib/testbed.ts';
import { acceptSockets } from '../sockets.ts';
import { detectPitch } from './pitch.ts';

/**
 * Listens to singers. In: binary messages, a sequence number (uint32, little-endian) and 100 ms of PCM16 at 16 kHz, mono. Out: for
 * each `{seq, hz, receivedAt}`; hz is null where there is no pitch, receivedAt the server's clock in milliseconds with fractions.
 */
const service = createService({ ready: () => true });
const { settings, registry, log } = service;
const sampleRate = 16_000;
const headerBytes = 4;

const drops = everyNth(() => settings.read()['vocal-drops']);
const reorders = everyNth(() => settings.read()['vocal-reorders']);
const duplicates = everyNth(() => settings.read()['vocal-duplicates']);
const mishears = everyNth(() => settings.read()['vocal-wrong-pitch']);
const isLate = everyNth(() => Math.max(1, settings.read()['slow-every']));
const hangsUp = everyNth(() => settings.read()['vocal-hangs-up']);
const saysMore = everyNth(() => settings.read()['vocal-foreign-frames']);
const leaked: Buffer[] = [];

const chunks = new Counter({ name: 'vocal_chunks_total', help: 'Chunks heard', registers: [registry] });
new Gauge({
  name: 'vocal_singers',
  help: 'Open connections',
  registers: [registry],
  collect() {
    this.set(sockets.clients());
  },
});

const sockets = acceptSockets(service, { '/ws/vocal': listen });

await service.listen(async () => sockets.close());
log.info('listening to singers');

function listen(socket: WebSocket, _: unknown, url: URL): void {
  const singer = url.searchParams.get('singer');
  let held: string | undefined;
  socket.on('error', () => socket.terminate());
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    const receivedAt = performance.timeOrigin + performance.now();
    const problem = malformed(data, isBinary);
    if (problem !== null) return socket.close(1003, problem);
    chunks.inc();
    const seq = data.readUInt32LE(0);
    if (settings.read()['vocal-record']) record(singer, seq, receivedAt);
    const samples = readSamples(data);
    const heard = detectPitch(samples, sampleRate);
    const hz = heard !== null && mishears() ? heard * 1.5 : heard;
    if (settings.read()['vocal-leak-kb'] > 0)
      leaked.push(Buffer.alloc(settings.read()['vocal-leak-kb'] * 1024, 1));
    if (hangsUp()) return socket.terminate();
    if (drops()) return;
    const text = JSON.stringify({ seq, hz: hz === null ? null : Number(hz.toFixed(2)), receivedAt });
    if (held === undefined && reorders()) {
      held = text;
      return;
    }
    answer(socket, text);
    if (duplicates()) answer(socket, text);
    if (saysMore()) answer(socket, 'still listening');
    if (held !== undefined) {
      answer(socket, held);
      held = undefined;
    }
  });
}

function answer(socket: WebSocket, text: string): void {
  const send = () => socket.readyState === socket.OPEN && socket.send(text);
  const slowMs = settings.read()['vocal-slow-ms'];
  if (slowMs > 0 && isLate()) setTimeout(send, slowMs);
  else send();
}

/** In one write, before the answer: what is in the file is what was heard, also when the process is killed. */
function record(singer: string | null, seq: number, at: number): void {
  appendFileSync(paths(service.testbed.dir).vocalRecord, `${JSON.stringify({ singer, seq, at })}\n`);
}

function malformed(data: Buffer, isBinary: boolean): string | null {
  if (!isBinary) return 'chunks are binary';
  if (data.length < headerBytes + 2 * 160 || data.length % 2 !== 0)
    return 'a chunk is a number and at least 10 ms';
  return null;
}

function readSamples(data: Buffer): Int16Array {
  // Copied, because the message may begin at an odd address.
  const bytes = new Uint8Array(data.subarray(headerBytes));
  return new Int16Array(bytes.buffer, 0, bytes.length >> 1);
}
