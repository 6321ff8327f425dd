import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { execa } from 'execa';
import { entryPoint } from '../../package.ts';
import type { LiveTick, PartBegun, SampleStream, SampleStreamOptions, StreamEnd } from '../types.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/**
 * Makes the named pipes, and starts the thread that reads and records it. Resolves when k6 may start.
 * @throws when the pipe cannot be made or opened
 */
export async function openSampleStream(options: SampleStreamOptions): Promise<SampleStream> {
  await mkdir(path.dirname(options.recording), { recursive: true });
  const fifos = 'parts' in options ? options.parts.map(({ fifo }) => fifo) : [options.fifo];
  await execa('mkfifo', ['-m', '600', ...fifos]);
  // The socket in the thread closes the pipe itself. With tracking on, the thread closes that number a second time when it ends,
  // and whoever got the number meanwhile loses a file.
  const worker = new Worker(entryPoint('orchestrator/samples/record/worker'), {
    workerData: options,
    trackUnmanagedFds: false,
  });
  const ready = deferred<void>();
  const first = deferred<number | null>();
  const end = deferred<StreamEnd>();
  const begun = deferred<readonly PartBegun[] | null>();
  const post = (message: ToWorker) => worker.postMessage(message);
  const listeners = new Set<(tick: LiveTick) => void>();

  worker.on('message', (message: FromWorker) => {
    if (message.type === 'ready') ready.resolve();
    else if (message.type === 'first') first.resolve(message.at);
    else if (message.type === 'begun') begun.resolve(message.parts);
    else if (message.type === 'tick') for (const listener of listeners) listener(message.tick);
    else end.resolve(message.end);
  });
  const died = (reason: string) => {
    ready.reject(new Error(`samples: ${reason}`));
    end.resolve({ complete: false, detail: reason, samples: 0 });
  };
  worker.on('error', (cause) => died(`the thread that reads the samples failed: ${cause.message}`));
  worker.on('exit', () => died('the thread that reads the samples ended early'));
  void end.promise.then(() => {
    first.resolve(null);
    begun.resolve(null);
  });

  await ready.promise;
  return {
    firstSampleAt: first.promise,
    onTick: (listener) => void listeners.add(listener),
    end: end.promise,
    begun: begun.promise,
    setOffset: (part, nanos) => post({ type: 'offset', part, nanos }),
    finish() {
      post({ type: 'finish' });
      // The thread bounds itself; this is for a thread that hangs.
      const timer = setTimeout(() => {
        died('the thread that reads the samples did not finish');
        void worker.terminate();
      }, FINISH_LIMIT_MS);
      return end.promise.finally(() => clearTimeout(timer));
    },
  };
}

const FINISH_LIMIT_MS = 15_000;

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(cause: Error): void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (cause: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
