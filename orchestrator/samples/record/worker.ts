// The worker thread of one sample stream: reads its pipes, records what it reads, and says every half second what it saw.
import { createWriteStream } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createGzip, constants as zlib } from 'node:zlib';
import { createLive } from '../live/live.ts';
import type { SampleStreamOptions, StreamEnd } from '../types.ts';
import { readPipes } from './inputs.ts';
import { lowerPriority } from './lower-priority.ts';
import { createMergingRecorder } from './merging-recorder.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { createRecorder, GZIP_LEVEL } from './recorder.ts';

const TICK_MS = 500;
/**
 * After `finish`, nothing is left in the pipe when so many looks in a row have found nothing. Looks, not time: on a busy machine this thread
 * may have slept all the while, and what has come meanwhile is read after the timer.
 */
const QUIET_LOOKS = 5;
const LOOK_MS = 50;
const FINISH_LIMIT_MS = 8_000;
/** Records of one stream that wait for another one. Beyond this the stream waits, too. */
const MAX_WAITING = 1 << 14;

const options = workerData as SampleStreamOptions;
const post = (message: FromWorker) => parentPort?.postMessage(message);

lowerPriority();
/** Several k6 start one after the other: the load begins when the last of them has. */
let allBegunAt = Number.NEGATIVE_INFINITY;
const live = createLive({
  ...options,
  onFirst: (at) => {
    sayBegun();
    post({ type: 'first', at: Math.max(at, allBegunAt) });
  },
});
const gzip = createGzip({ level: GZIP_LEVEL, chunkSize: 1 << 16 });
const write = (piece: Uint8Array) => void gzip.write(piece);
const merging =
  'parts' in options
    ? createMergingRecorder(
        live.visitor,
        write,
        options.parts.map(({ name }) => name),
        options.secrets,
      )
    : null;
const single = merging === null ? createRecorder(live.visitor, write, options.secrets) : null;
const fifos = 'parts' in options ? options.parts.map(({ fifo }) => fifo) : [options.fifo];
const open = new Set(fifos.keys());
const file = createWriteStream(options.recording);
let failure = '';
let ended = false;
let dirty = false;
/** Looks without anything to read, since the load is over. */
let silent = 0;

const inputs = readPipes(fifos, {
  push(part, chunk) {
    silent = 0;
    dirty = true;
    if (single !== null) single.push(chunk);
    else {
      merging?.parts[part]?.push(chunk);
      // What waited for this one may have gone on.
      inputs.resume();
    }
    return hasRoom(part);
  },
  ended(part) {
    open.delete(part);
    merging?.parts[part]?.end();
    inputs.resume();
    if (open.size === 0) close(true);
  },
  failed(_part, cause) {
    failure = `reading the pipe failed: ${cause.message}`;
    close(false);
  },
  hasRoom,
});
gzip.on('drain', inputs.resume);
gzip.pipe(file);
for (const stream of [gzip, file]) {
  stream.on('error', (cause: Error) => {
    failure = `writing ${options.recording} failed: ${cause.message}`;
    close(false);
  });
}

const ticks = setInterval(() => {
  const tick = live.tick(Date.now());
  if (tick) post({ type: 'tick', tick });
  // What has been read is on disk half a second later: a crash loses no more than that.
  if (dirty && !gzip.writableNeedDrain) {
    (single ?? merging)?.flush();
    gzip.flush(zlib.Z_SYNC_FLUSH);
    dirty = false;
  }
}, TICK_MS);

parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'finish') finish();
  else merging?.parts[message.part]?.setOffset(message.nanos);
});
post({ type: 'ready' });

function hasRoom(part: number): boolean {
  return !gzip.writableNeedDrain && (merging?.parts[part]?.waiting ?? 0) < MAX_WAITING;
}

function sayBegun(): void {
  if (merging === null) return;
  const parts = merging.parts.map(({ begunAt, setupRequests }) => ({
    at: Number.isNaN(begunAt) ? null : begunAt,
    setupRequests,
  }));
  for (const { at } of parts) if (at !== null && at > allBegunAt) allBegunAt = at;
  post({ type: 'begun', parts });
}

function finish(): void {
  const since = Date.now();
  silent = 0;
  const timer = setInterval(() => {
    // While it waits to write, it does not read.
    silent = [...open].every(hasRoom) ? silent + 1 : 0;
    if (ended) clearInterval(timer);
    else if (silent > QUIET_LOOKS || Date.now() - since > FINISH_LIMIT_MS) {
      clearInterval(timer);
      close(false);
    }
  }, LOOK_MS);
}

function close(endOfFile: boolean): void {
  if (ended) return;
  ended = true;
  clearInterval(ticks);
  // A rate without one of the runners would be that of no load at all.
  for (const part of open) merging?.parts[part]?.cut();
  const text = single?.end() ?? merging?.end() ?? { detail: '', samples: 0 };
  const tick = live.tick(Date.now());
  if (tick) post({ type: 'tick', tick });
  inputs.close();
  const detail = failure || text.detail || (endOfFile ? '' : `the end of ${unended()} was not seen`);
  const end: StreamEnd = { complete: detail === '', detail, samples: text.samples };
  if (failure !== '') {
    leave(end);
    return;
  }
  file.once('close', () => leave(end));
  gzip.end();
}

/** Whose end is missing. */
function unended(): string {
  if (!('parts' in options)) return 'the stream';
  return `the stream of ${[...open].map((part) => options.parts[part]?.name ?? part).join(', ')}`;
}

function leave(end: StreamEnd): void {
  post({ type: 'end', end });
  parentPort?.close();
}
