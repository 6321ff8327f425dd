import { randomUUID } from 'node:crypto';

export type BeatState = 'queued' | 'started' | 'done' | 'failed';

export interface Beat {
  readonly id: string;
  readonly owner: string;
  readonly genre: string;
  readonly bpm: number;
  state: BeatState;
  queuedAt: number;
  startedAt: number | null;
  finishedAt: number | null;
}

export interface QueueLimits {
  readonly workers: number;
  readonly queue: number;
  /** How long this beat takes, in milliseconds. */
  readonly durationMs: () => number;
  /** Sabotage: this beat fails. */
  readonly fails: () => boolean;
}

export interface BeatQueue {
  /** Null when the queue is full. */
  submit(order: { owner: string; genre: string; bpm: number }): Beat | null;
  find(id: string): Beat | undefined;
  waiting(): number;
  working(): number;
}

const maxRemembered = 10_000;

/** A bounded queue in front of a few workers; `notify` gets every change of a beat. Limits are read each time. */
export function createBeatQueue(limits: () => QueueLimits, notify: (beat: Beat) => void): BeatQueue {
  const beats = new Map<string, Beat>();
  const line: Beat[] = [];
  let working = 0;

  function work(): void {
    while (working < limits().workers) {
      const beat = line.shift();
      if (beat === undefined) return;
      working += 1;
      beat.state = 'started';
      beat.startedAt = Date.now();
      notify(beat);
      const fails = limits().fails();
      setTimeout(() => {
        working -= 1;
        beat.state = fails ? 'failed' : 'done';
        beat.finishedAt = Date.now();
        notify(beat);
        work();
      }, limits().durationMs());
    }
  }

  return {
    submit({ owner, genre, bpm }) {
      if (line.length >= limits().queue) return null;
      const beat: Beat = {
        id: randomUUID(),
        owner,
        genre,
        bpm,
        state: 'queued',
        queuedAt: Date.now(),
        startedAt: null,
        finishedAt: null,
      };
      beats.set(beat.id, beat);
      if (beats.size > maxRemembered) beats.delete(beats.keys().next().value as string);
      line.push(beat);
      // The answer to the order goes out before the notification.
      setImmediate(work);
      return beat;
    },
    find: (id) => beats.get(id),
    waiting: () => line.length,
    working: () => working,
  };
}
