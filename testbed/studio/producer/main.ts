import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { everyNth } from '../../lib/every-nth.ts';
import { createService } from '../../lib/service.ts';
import type { Caller } from '../../lib/tokens.ts';
import { connectDatabase } from '../../projects/database.ts';
import { serveSharedSessions } from '../shared-sessions/serve.ts';
import { acceptSockets } from '../sockets.ts';
import { addExports } from './exports.ts';
import { addJobRoutes } from './job-routes.ts';
import { connectObjects } from './objects.ts';
import { createJobQueue, type Job } from './queue.ts';
import { createShelf } from './shelf.ts';
import { renderBar } from './wav.ts';

interface Beat {
  readonly genre: string;
  readonly bpm: number;
}
type BeatOrder = Beat & { readonly owner: string };

/**
 * Makes beats, and exports: orders wait in a bounded queue for one of a few workers, and whoever ordered a beat is notified on a WebSocket.
 * Serves the shared sessions, too.
 */
const service = createService({ ready: () => true });
const { settings } = service;
const database = connectDatabase(service.testbed, service.secrets, service.log, undefined, service.name);
const objects = await connectObjects(service.testbed, service.secrets);
const shelf = objects === null ? null : createShelf(database, objects, every('audio-unrecorded'));
const listeners = new Map<string, Set<WebSocket>>();
const failsNow = every('beat-fails');
const forgetsNow = every('beat-unannounced');
const leaked: Buffer[] = [];

const beats = createJobQueue<BeatOrder>(
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
  {
    steps: 1,
    finish: async (beat) => {
      leak();
      await shelf?.keep(beat, renderBar(beat.bpm));
    },
    notify: (beat) => void announce(beat),
  },
);

addJobRoutes<Beat>(service, {
  plural: 'beats',
  singular: 'beat',
  order: '/api/ai/generate-beat',
  jobs: '/api/ai/beats',
  body: {
    type: 'object',
    required: ['genre', 'bpm'],
    additionalProperties: false,
    properties: {
      genre: { type: 'string', minLength: 1, maxLength: 50 },
      bpm: { type: 'integer', minimum: 20, maximum: 300 },
    },
  },
  queue: beats,
  shelf,
});

addExports(service, shelf);

const sockets = acceptSockets(service, {
  '/ws/beats': waitForBeats,
  '/ws/sessions': serveSharedSessions(service),
});

await service.listen(async () => {
  sockets.close();
  await database.close();
});

function waitForBeats(socket: WebSocket, { user }: Caller): void {
  const own = listeners.get(user) ?? new Set();
  listeners.set(user, own.add(socket));
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    own.delete(socket);
    if (own.size === 0) listeners.delete(user);
  });
}

async function announce(beat: Job<BeatOrder>): Promise<void> {
  // The notification has the current state, even if it is late.
  const text = JSON.stringify(beat);
  const final = beat.state === 'done' || beat.state === 'failed';
  if (final && forgetsNow()) return;
  const lateMs = final ? settings.read()['beat-announced-late-ms'] : 0;
  if (lateMs > 0) await sleep(lateMs);
  for (const socket of listeners.get(beat.owner) ?? [])
    if (socket.readyState === socket.OPEN) socket.send(text);
}

function every(setting: 'beat-fails' | 'beat-unannounced' | 'audio-unrecorded'): () => boolean {
  return everyNth(() => settings.read()[setting]);
}

/** Sabotage. Filled, because memory that was never written to is not resident. */
function leak(): void {
  const kb = settings.read()['beat-leak-kb'];
  if (kb > 0) leaked.push(Buffer.alloc(kb * 1_024, 1));
  else leaked.length = 0;
}
