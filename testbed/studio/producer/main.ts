import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge } from 'prom-client';
import type { WebSocket } from 'ws';
import { everyNth } from '../../lib/every-nth.ts';
import { createService, HttpError } from '../../lib/service.ts';
import { type Caller, createTokens } from '../../lib/tokens.ts';
import { serveSharedSessions } from '../shared-sessions/serve.ts';
import { acceptSockets } from '../sockets.ts';
import { type Beat, createBeatQueue } from './queue.ts';

/**
 * Makes beats: orders wait in a bounded queue for one of a few workers, and whoever ordered is notified on a WebSocket. Serves the shared
 * sessions, too.
 */
const service = createService({ ready: () => true });
const { app, settings, registry, secrets } = service;
const tokens = createTokens(secrets.jwtKey);
const listeners = new Map<string, Set<WebSocket>>();
const failsNow = everyNth(() => settings.read()['beat-fails']);
const forgetsNow = everyNth(() => settings.read()['beat-unannounced']);

const queue = createBeatQueue(
  () => {
    const now = settings.read();
    const spread = Math.max(0, now['beat-max-ms'] - now['beat-min-ms']);
    return {
      workers: now['beat-workers'],
      queue: now['beat-queue'],
      durationMs: () => now['beat-min-ms'] + Math.random() * spread,
      fails: failsNow,
    };
  },
  (beat) => void announce(beat),
);

new Gauge({
  name: 'beats_waiting',
  help: 'Orders in the queue',
  registers: [registry],
  collect() {
    this.set(queue.waiting());
  },
});
new Gauge({
  name: 'beats_working',
  help: 'Beats being made',
  registers: [registry],
  collect() {
    this.set(queue.working());
  },
});

app.post<{ Body: { genre: string; bpm: number } }>(
  '/api/ai/generate-beat',
  {
    schema: {
      body: {
        type: 'object',
        required: ['genre', 'bpm'],
        additionalProperties: false,
        properties: {
          genre: { type: 'string', minLength: 1, maxLength: 50 },
          bpm: { type: 'integer', minimum: 20, maximum: 300 },
        },
      },
    },
  },
  async (request, reply) => {
    const { user } = await tokens.verify(request.headers.authorization, settings.read());
    const beat = queue.submit({ owner: user, ...request.body });
    if (beat === null) throw new HttpError(503, 'the queue is full', { 'retry-after': '10' });
    return reply.code(202).header('location', `/api/ai/beats/${beat.id}`).send(beat);
  },
);

app.get<{ Params: { id: string } }>('/api/ai/beats/:id', async (request) => {
  const { user, role } = await tokens.verify(request.headers.authorization, settings.read());
  const beat = queue.find(request.params.id);
  if (beat === undefined) throw new HttpError(404, 'there is no such beat');
  if (beat.owner !== user && role !== 'admin') throw new HttpError(403, 'this is not your beat');
  return beat;
});

const sockets = acceptSockets(service, {
  '/ws/beats': waitForBeats,
  '/ws/sessions': serveSharedSessions(service),
});

await service.listen(async () => sockets.close());

function waitForBeats(socket: WebSocket, { user }: Caller): void {
  const own = listeners.get(user) ?? new Set();
  listeners.set(user, own.add(socket));
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    own.delete(socket);
    if (own.size === 0) listeners.delete(user);
  });
}

async function announce(beat: Beat): Promise<void> {
  // The notification has the current state, even if it is late.
  const text = JSON.stringify(beat);
  const final = beat.state === 'done' || beat.state === 'failed';
  if (final && forgetsNow()) return;
  const lateMs = final ? settings.read()['beat-announced-late-ms'] : 0;
  if (lateMs > 0) await sleep(lateMs);
  for (const socket of listeners.get(beat.owner) ?? [])
    if (socket.readyState === socket.OPEN) socket.send(text);
}
