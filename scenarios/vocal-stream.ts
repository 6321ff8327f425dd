import vocal from '../thresholds/vocal.ts';
import { createSequence } from './lib/journeys/sequence.ts';
import { type Answer, readAnswer } from './lib/journeys/vocal-answer.ts';
import { chunkMs, createVoice, isPitch } from './lib/journeys/voice.ts';
import { countedCounter, countedRate, countedTrend } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { monitor, ofEachService } from './lib/pages/monitor.ts';
import { login } from './lib/runtime/auth.ts';
import { createMessageClock, now } from './lib/runtime/clock.ts';
import { durationFrom, numberFrom, wholeNumber } from './lib/runtime/env.ts';
import { WebSocket, wsUrl } from './lib/runtime/websocket.ts';

/**
 * 50 singers send a chunk of 100 ms every 100 ms, for 10 minutes. Latency counts from when a chunk was due, so it includes a late
 * send. The pitch of every answer is checked, and each answer is counted as in order, overtaken, or one too many.
 */
const singers = numberFrom('USERS', 50, wholeNumber);
const durationMs = durationFrom('DURATION', 600_000, 1_000);
/** A chunk sent later than this was not sent when due. */
const sendToleranceMs = durationFrom('SEND_TOLERANCE', 10);
/** How long to wait for the last answers. */
const drainMs = durationFrom('DRAIN', 3_000);

const latency = countedTrend('vocal_chunk_latency');
const dropped = countedCounter('vocal_dropped');
const reordered = countedCounter('vocal_reordered');
const duplicated = countedCounter('vocal_duplicated');
const reconnects = countedCounter('vocal_reconnects');
const unreadable = countedCounter('vocal_unreadable');
const pitchRight = countedRate('vocal_pitch_right');
const sentWhenDue = countedRate('vocal_sent_when_due');

const targets = 'vocal-coach=http://127.0.0.1:9072/metrics';

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
    memory: {
      executor: 'per-vu-iterations',
      vus: 1,
      iterations: 1,
      maxDuration: `${durationMs + 60_000}ms`,
      exec: 'watch',
    },
  },
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

/** Made before the run begins, because nobody could send on time while 50 are made. Each singer has its own tone, 110 to 330 Hz. */
const voice = createVoice(110 + ((__VU * 37) % 221));

export const setup = () => ({ token: login() });

export const watch = () => monitor({ durationMs, targets });

export const sing = ({ token }: { token: string | null }) => {
  const sequence = createSequence();
  const count = Math.floor(durationMs / chunkMs);
  const counts = { heard: 0, reordered: 0, duplicated: 0, reconnects: 0, unreadable: 0 };
  // The singers do not start in step.
  const start = now() + 200 + Math.random() * chunkMs;
  const due = (seq: number): number => start + seq * chunkMs;
  let socket = connect();
  let over = false;
  let next = 0;
  setTimeout(send, due(0) - now());

  function connect(): WebSocket {
    const opened = new WebSocket(`${wsUrl}/ws/vocal?token=${token}`, null, {
      tags: { name: 'WS /ws/vocal' },
    });
    const toRunTime = createMessageClock();
    opened.binaryType = 'arraybuffer';
    opened.onmessage = (event) => {
      if (event === undefined) return;
      const at = toRunTime(event.timestamp);
      const answer = readAnswer(event.data);
      if (answer === null) counts.unreadable += 1;
      else hear(answer, at);
    };
    opened.onclose = () => {
      if (over || opened !== socket) return;
      counts.reconnects += 1;
      // Immediately the first time, then at most twice a second.
      setTimeout(
        () => {
          if (!over) socket = connect();
        },
        counts.reconnects === 1 ? 0 : 500,
      );
    };
    // A failed connection is closed, too: onclose takes it from there.
    opened.onerror = () => {};
    return opened;
  }

  function send(): void {
    const seq = next;
    next += 1;
    const late = now() - due(seq);
    sequence.sent(seq);
    if (socket.readyState === 1) {
      socket.send(voice.chunk(seq));
      sentWhenDue.add(late <= sendToleranceMs);
    } else {
      sentWhenDue.add(false);
    }
    if (next < count) setTimeout(send, Math.max(0, due(next) - now()));
    else setTimeout(finish, drainMs);
  }

  function hear({ seq, hz }: Answer, at: number): void {
    counts.heard += 1;
    const kind = sequence.take(seq);
    if (kind === 'unknown' || kind === 'duplicate') {
      counts.duplicated += 1;
      return;
    }
    if (kind === 'reordered') counts.reordered += 1;
    latency.add(at - due(seq));
    pitchRight.add(isPitch(hz, voice.hz));
  }

  function finish(): void {
    over = true;
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
