import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export type JobState = 'queued' | 'started' | 'done' | 'failed';

/** Times are in milliseconds since 1970. */
export type Job<Order extends { readonly owner: string }> = Order & {
  readonly id: string;
  state: JobState;
  /** From 0 to 1. */
  progress: number;
  queuedAt: number;
  startedAt: number | null;
  finishedAt: number | null;
};

export interface QueueLimits {
  readonly workers: number;
  readonly queue: number;
  /** How long this job takes, in milliseconds. */
  readonly durationMs: () => number;
  /** Sabotage: this job fails. */
  readonly fails: () => boolean;
}

export interface JobWork<Order extends { readonly owner: string }> {
  /** In so many steps, after each of which the progress is higher. */
  readonly steps: number;
  /** The last step: what the job leaves. If it throws, the job has failed. */
  readonly finish: (job: Job<Order>) => Promise<void>;
  /** Gets a job whenever its state has changed. */
  readonly notify?: (job: Job<Order>) => void;
}

export interface JobQueue<Order extends { readonly owner: string }> {
  /** Null when the queue is full. */
  submit(order: Order): Job<Order> | null;
  find(id: string): Job<Order> | undefined;
  waiting(): number;
  working(): number;
}

const maxRemembered = 10_000;

/** A bounded queue in front of a few workers. Limits are read each time. */
export function createJobQueue<Order extends { readonly owner: string }>(
  limits: () => QueueLimits,
  { steps, finish, notify = () => {} }: JobWork<Order>,
): JobQueue<Order> {
  const jobs = new Map<string, Job<Order>>();
  const line: Job<Order>[] = [];
  let working = 0;

  function startNext(): void {
    while (working < limits().workers) {
      const job = line.shift();
      if (job === undefined) return;
      working += 1;
      void work(job).finally(() => {
        working -= 1;
        startNext();
      });
    }
  }

  async function work(job: Job<Order>): Promise<void> {
    job.state = 'started';
    job.startedAt = Date.now();
    notify(job);
    const fails = limits().fails();
    const stepMs = limits().durationMs() / steps;
    for (let step = 1; step <= steps; step += 1) {
      await sleep(stepMs);
      job.progress = step / (steps + 1);
    }
    try {
      if (!fails) await finish(job);
      job.state = fails ? 'failed' : 'done';
    } catch {
      job.state = 'failed';
    }
    if (job.state === 'done') job.progress = 1;
    job.finishedAt = Date.now();
    notify(job);
  }

  return {
    submit(order) {
      if (line.length >= limits().queue) return null;
      const job: Job<Order> = {
        ...order,
        id: randomUUID(),
        state: 'queued',
        progress: 0,
        queuedAt: Date.now(),
        startedAt: null,
        finishedAt: null,
      };
      jobs.set(job.id, job);
      if (jobs.size > maxRemembered) jobs.delete(jobs.keys().next().value as string);
      line.push(job);
      // The answer to the order goes out before the notification.
      setImmediate(startNext);
      return job;
    },
    find: (id) => jobs.get(id),
    waiting: () => line.length,
    working: () => working,
  };
}
