// The worker thread of one sample stream: reads the pipe, records what it reads, and says every half second what it saw.
import { constants, createWriteStream, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { createGzip, constants as zlib } from 'node:zlib';
import { createLive } from '../live/live.ts';
import type { SampleStreamOptions, StreamEnd } from '../types.ts';
import { lowerPriority } from './lower-priority.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { createRecorder, GZIP_LEVEL } from './recorder.ts';

const TICK_MS = 500;
/** After `finish`, silence of this length means that nothing is left in the pipe. */
const QUIET_MS = 250;
const FINISH_LIMIT_MS = 5000;

const options = workerData as SampleStreamOptions;
const post = (message: FromWorker) => parentPort?.postMessage(message);

lowerPriority();
const live = createLive({ ...options, onFirst: (at) => post({ type: 'first', at }) });
const gzip = createGzip({ level: GZIP_LEVEL, chunkSize: 1 << 16 });
const recorder = createRecorder(live.visitor, (piece) => gzip.write(piece), options.secrets);
const file = createWriteStream(options.recording);
let failure = '';
let ended = false;
let dirty = false;
let lastData = Date.now();

// Without a writer O_NONBLOCK opens at once; end-of-file is reported only after somebody opened the other side and went away.
const pipe = new Socket({
  fd: openSync(options.fifo, constants.O_RDONLY | constants.O_NONBLOCK),
  readable: true,
});
pipe.on('data', (chunk: Buffer) => {
  lastData = Date.now();
  dirty = true;
  recorder.push(chunk);
  if (gzip.writableNeedDrain) {
    pipe.pause();
    gzip.once('drain', () => pipe.resume());
  }
});
pipe.on('end', () => close(true));
pipe.on('error', (cause) => {
  failure = `reading the pipe failed: ${cause.message}`;
  close(false);
});
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
    recorder.flush();
    gzip.flush(zlib.Z_SYNC_FLUSH);
    dirty = false;
  }
}, TICK_MS);

parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'finish') finish();
});
post({ type: 'ready' });

function finish(): void {
  const since = Date.now();
  lastData = since;
  const timer = setInterval(() => {
    const now = Date.now();
    if (ended) clearInterval(timer);
    else if (now - lastData > QUIET_MS || now - since > FINISH_LIMIT_MS) {
      clearInterval(timer);
      close(false);
    }
  }, 50);
}

function close(endOfFile: boolean): void {
  if (ended) return;
  ended = true;
  clearInterval(ticks);
  const text = recorder.end();
  const tick = live.tick(Date.now());
  if (tick) post({ type: 'tick', tick });
  pipe.destroy();
  const detail = failure || text.detail || (endOfFile ? '' : 'the end of the stream was not seen');
  const end: StreamEnd = { complete: detail === '', detail, samples: text.samples };
  if (failure !== '') {
    leave(end);
    return;
  }
  file.once('close', () => leave(end));
  gzip.end();
}

function leave(end: StreamEnd): void {
  post({ type: 'end', end });
  parentPort?.close();
}
