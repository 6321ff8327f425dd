import type { Socket } from 'node:net';
import { type ActiveEffect, cuts, type Direction, drawDelayMs } from './effect.ts';
import { resetSocket } from './reset-socket.ts';

/** What one direction of one connection may hold back before it stops reading: the sender then feels it as TCP means it to. */
const queueLimitBytes = 1024 * 1024;

interface Piece {
  /** Undefined is the end of the stream (FIN): it keeps its place behind the bytes. */
  readonly bytes: Buffer | undefined;
  readonly receivedAt: number;
  readonly dueAt: number;
  readonly delayedBy: readonly ActiveEffect[];
}

export interface PumpOptions {
  readonly source: Socket;
  readonly sink: Socket;
  readonly direction: Direction;
  /** The effects in force on the link: a live view. */
  readonly effects: ReadonlySet<ActiveEffect>;
  readonly passed: (direction: Direction, bytes: number, receivedAt: number) => void;
}

/** Carries one direction of a connection. */
export interface Pump {
  /** To be called when the effects in force have changed, or when the sink has connected. */
  wake(): void;
  stop(): void;
  /** Bytes and ends that were taken in and not yet given on. */
  readonly waiting: () => number;
}

/** Carries bytes, the end of the stream and resets in order, through whatever effects are in force; never drops a byte. */
export function startPump({ source, sink, direction, effects, passed }: PumpOptions): Pump {
  const queue: Piece[] = [];
  let queuedBytes = 0;
  let resetDueAt: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let sinkFull = false;
  let stopped = false;

  source.on('data', (bytes: Buffer) => take(bytes));
  source.on('end', () => take(undefined));
  // The other end must learn of a broken connection as it learns of bytes: late, or (cut off) not before the link heals.
  source.on('error', () => {
    resetDueAt = dueAt(delaying());
    give();
  });
  sink.on('drain', () => {
    sinkFull = false;
    give();
  });

  return {
    wake() {
      releaseDelayed();
      give();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      queue.length = 0;
    },
    waiting: () => queue.length,
  };

  function take(bytes: Buffer | undefined): void {
    if (stopped) return;
    const delayedBy = delaying();
    queue.push({ bytes, receivedAt: performance.now(), dueAt: dueAt(delayedBy), delayedBy });
    queuedBytes += bytes?.length ?? 0;
    for (const active of effects) if (cuts(active, direction)) noteWithheld(active, bytes);
    if (queuedBytes >= queueLimitBytes) source.pause();
    give();
  }

  function give(): void {
    clearTimeout(timer);
    timer = undefined;
    if (stopped || sink.pending || isCut()) return;
    for (let piece = queue[0]; piece !== undefined && !sinkFull; piece = queue[0]) {
      if (piece.dueAt > performance.now()) break;
      queue.shift();
      pass(piece);
    }
    if (resetDueAt !== undefined && resetDueAt <= performance.now()) {
      resetSocket(sink);
      resetDueAt = undefined;
    }
    const nextAt = sinkFull ? resetDueAt : (queue[0]?.dueAt ?? resetDueAt);
    // Also for what has become due since it was looked at above: nobody else may come to give it on.
    if (nextAt !== undefined) timer = setTimeout(give, Math.max(0, Math.ceil(nextAt - performance.now())));
    if (source.isPaused() && queuedBytes < queueLimitBytes / 2) source.resume();
  }

  function pass({ bytes, receivedAt, delayedBy }: Piece): void {
    queuedBytes -= bytes?.length ?? 0;
    if (sink.destroyed || sink.writableEnded) return;
    if (bytes === undefined) {
      sink.end();
      return;
    }
    sinkFull = !sink.write(bytes);
    for (const active of delayedBy) noteDelayed(active, performance.now() - receivedAt);
    passed(direction, bytes.length, receivedAt);
  }

  function isCut(): boolean {
    for (const active of effects) if (cuts(active, direction)) return true;
    return false;
  }

  function delaying(): ActiveEffect[] {
    return [...effects].filter(
      ({ effect }) => effect.kind === 'latency' && effect.directions.includes(direction),
    );
  }

  /** Never before what came earlier: jitter must not change the order. */
  function dueAt(delayedBy: readonly ActiveEffect[]): number {
    return Math.max(queue.at(-1)?.dueAt ?? 0, performance.now() + drawDelayMs(delayedBy));
  }

  /** When a latency is taken away, what it still holds flows on at once. */
  function releaseDelayed(): void {
    queue.forEach((piece, index) => {
      if (piece.delayedBy.some((active) => !effects.has(active))) queue[index] = { ...piece, dueAt: 0 };
    });
  }
}

function noteWithheld(active: ActiveEffect, bytes: Buffer | undefined): void {
  active.withheld.pieces += 1;
  active.withheld.bytes += bytes?.length ?? 0;
  active.withheld.firstAt ??= Date.now();
}

function noteDelayed(active: ActiveEffect, ms: number): void {
  const { delayed } = active;
  delayed.pieces += 1;
  delayed.minMs = Math.min(delayed.minMs, ms);
  delayed.maxMs = Math.max(delayed.maxMs, ms);
  delayed.sumMs += ms;
  delayed.firstAt ??= Date.now() - ms;
}
