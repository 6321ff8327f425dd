import vocal, { coachCpuShare } from '../thresholds/vocal.ts';
import { createChunkAccount } from './lib/journeys/chunk-account.ts';
import { createSequence } from './lib/journeys/sequence.ts';
import { type Answer, readAnswer } from './lib/journeys/vocal-answer.ts';
import { chunkMs, createVoice, isPitch } from './lib/journeys/voice.ts';
import { countedCounter, countedRate, countedTrend } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { monitor, ofEachService } from './lib/pages/monitor.ts';
import { login } from './lib/runtime/auth.ts';
import { createMessageClock, now } from './lib/runtime/clock.ts';
import { durationFrom, numberFrom, urlFrom, wholeNumber } from './lib/runtime/env.ts';
import { exec, Trend } from './lib/runtime/k6.ts';
import { WebSocket, wsUrl } from './lib/runtime/websocket.ts';

/**
 * 50 singers send a chunk of 100 ms every 100 ms, for 10 minutes. Latency counts from when a chunk was due, so it includes a late
 * send. The pitch of every answer is checked, and each answer is counted as in order, overtaken, or one too many.
 *
 * Each chunk is an event for drills (`vocal_chunk`, with the tag `answered`): it lasts from when it was due until its answer, or until it
 * is known to be lost. A singer whose connection is lost, or who hears nothing for SILENCE, connects again.
 */
const singers = numberFrom('USERS', 50, wholeNumber);
const durationMs = durationFrom('DURATION', 600_000, 1_000);
/** A chunk sent later than this was not sent when due. */
const sendToleranceMs = durationFrom('SEND_TOLERANCE', 10);
/** How long to wait for the last answers. */
const drainMs = durationFrom('DRAIN', 3_000);
/** A singer who hears nothing for so long, although chunks go out, hangs up and connects again. */
const silenceMs = durationFrom('SILENCE', 5_000, 100);
/** Where the coach is, if not where other WebSockets go. */
const coachUrl = urlFrom('VOCAL_URL', wsUrl, ['ws', 'wss']);

const latency = countedTrend('vocal_chunk_latency');
const dropped = countedCounter('vocal_dropped');
const reordered = countedCounter('vocal_reordered');
const duplicated = countedCounter('vocal_duplicated');
const reconnects = countedCounter('vocal_reconnects');
const unreadable = countedCounter('vocal_unreadable');
const pitchRight = countedRate('vocal_pitch_right');
const sentWhenDue = countedRate('vocal_sent_when_due');
/** Every chunk, answered or lost. */
const chunks = new Trend('vocal_chunk', true);
/** From the moment at which a singer last knew that it could not reach the coach to the first answer after it. */
const reconnect = countedTrend('vocal_reconnect');
/** 1 for each lost chunk, with its number in the metadata. */
const lost = countedCounter('vocal_lost');
const unaccounted = countedCounter('vocal_unaccounted');
/** Plus one for each singer who begins, minus one for each who has reported. */
const singing = countedCounter('vocal_singing');

const targets = 'vocal-coach=http://127.0.0.1:9072/metrics';
/** In a drill the coach is killed on purpose, and its memory begins anew. */
const watchesMemory = __ENV.WATCH_MEMORY !== 'false';

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'vocal-stream',
  objectives: vocal,
  openLoop: false,
  // Every singer reports at the end. Of one that died on the way, nobody knows.
  due: {
    'vocal.dropped-chunks': singers,
    'vocal.reordered-chunks': singers,
    'vocal.duplicated-chunks': singers,
    'vocal.reconnects': singers,
    'vocal.unreadable-frames': singers,
    'vocal.memory-growth': ofEachService(targets),
    'vocal.cpu': ofEachService(targets),
  },
  trends: ['vocal_chunk_latency', 'target_memory_mb'],
}));

export const options = {
  scenarios: {
    singers: {
      executor: 'per-vu-iterations',
      vus: singers,
      iterations: 1,
      maxDuration: `${durationMs + drainMs + 30_000}ms`,
      exec: 'sing',
    },
    ...(watchesMemory
      ? {
          memory: {
            executor: 'per-vu-iterations',
            vus: 1,
            iterations: 1,
            maxDuration: `${durationMs + 60_000}ms`,
            exec: 'watch',
          },
        }
      : {}),
  },
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

/** Made before the run begins, because nobody could send on time while 50 are made. Each singer has its own tone, 110 to 330 Hz. */
const voice = createVoice(110 + ((__VU * 37) % 221));

export const setup = () => ({ token: login() });

export const watch = () => monitor({ durationMs, targets, cpuShare: coachCpuShare });

export const sing = ({ token }: { token: string | null }) => {
  const sequence = createSequence();
  const account = createChunkAccount();
  const count = Math.floor(durationMs / chunkMs);
  const counts = { heard: 0, reordered: 0, duplicated: 0, reconnects: 0, unreadable: 0 };
  // The singers do not start in step.
  const start = now() + 200 + Math.random() * chunkMs;
  const due = (seq: number): number => start + seq * chunkMs;
  let connections = 0;
  let over = false;
  let next = 0;
  /** Since when the coach cannot be reached, as far as is known; null: it can. */
  let awaySince: number | null = null;
  let heardAt = now();
  singing.add(1);
  let socket = connect();
  setTimeout(send, due(0) - now());

  function connect(): WebSocket {
    connections += 1;
    const connection = connections;
    heardAt = now();
    const opened = new WebSocket(`${coachUrl}/ws/vocal?token=${token}&singer=${__VU}`, null, {
      tags: { name: 'WS /ws/vocal' },
    });
    const toRunTime = createMessageClock();
    opened.binaryType = 'arraybuffer';
    opened.onopen = () => {
      // It was given up meanwhile.
      if (connection !== connections) opened.close();
    };
    opened.onmessage = (event) => {
      if (event === undefined || connection !== connections) return;
      const at = toRunTime(event.timestamp);
      const answer = readAnswer(event.data);
      if (answer === null) counts.unreadable += 1;
      else hear(answer, at);
    };
    opened.onclose = () => away(connection);
    // A failed connection is closed, too: onclose takes it from there.
    opened.onerror = () => {};
    return opened;
  }

  /** The connection is lost, or could not be made. */
  function away(connection: number): void {
    if (over || connection !== connections) return;
    // At once after a connection that worked, then at most twice a second.
    const pauseMs = awaySince === null ? 0 : 500;
    awaySince = now();
    // The next attempt has its own time.
    heardAt = awaySince + pauseMs;
    // What it still has to say comes too late.
    connections += 1;
    for (const seq of account.lostWith(connection)) lose(seq);
    counts.reconnects += 1;
    setTimeout(() => {
      if (!over) socket = connect();
    }, pauseMs);
  }

  function send(): void {
    const seq = next;
    next += 1;
    const late = now() - due(seq);
    // Not before a chunk was due that could have been answered.
    if (seq > 0 && now() - heardAt > silenceMs) {
      const silent = socket;
      away(connections);
      if (silent.readyState === 1) silent.close();
    }
    sequence.sent(seq);
    if (isOpen()) {
      socket.send(voice.chunk(seq));
      account.due(seq, connections);
      sentWhenDue.add(late <= sendToleranceMs);
    } else {
      if (account.due(seq, null)) lose(seq);
      sentWhenDue.add(false);
    }
    if (next < count) setTimeout(send, Math.max(0, due(next) - now()));
    else setTimeout(finish, drainMs);
  }

  function isOpen(): boolean {
    return socket.readyState === 1;
  }

  function lose(seq: number): void {
    exec.vu.metrics.metadata.vocal_chunk = `${__VU}-${seq}`;
    lost.add(1);
    delete exec.vu.metrics.metadata.vocal_chunk;
    chunks.add(Math.max(0, now() - due(seq)), { answered: 'false' });
  }

  function hear({ seq, hz }: Answer, at: number): void {
    counts.heard += 1;
    heardAt = now();
    if (awaySince !== null) {
      reconnect.add(heardAt - awaySince);
      awaySince = null;
    }
    const kind = sequence.take(seq);
    if (kind === 'unknown' || kind === 'duplicate') {
      counts.duplicated += 1;
      return;
    }
    if (kind === 'reordered') counts.reordered += 1;
    account.answered(seq);
    chunks.add(Math.max(0, now() - due(seq)), { answered: 'true' });
    latency.add(at - due(seq));
    pitchRight.add(isPitch(hz, voice.hz));
  }

  function finish(): void {
    over = true;
    for (const seq of account.rest()) lose(seq);
    lost.add(0);
    unaccounted.add(Math.abs(account.unaccounted()));
    singing.add(-1);
    dropped.add(sequence.missing().length);
    // If no answer came, nobody can say that they were in order.
    if (counts.heard > 0) {
      reordered.add(counts.reordered);
      duplicated.add(counts.duplicated);
    }
    reconnects.add(counts.reconnects);
    if (counts.heard + counts.unreadable > 0) unreadable.add(counts.unreadable);
    socket.close();
  }
};

export default sing;
