import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { TransformOptions } from 'node:stream';
import { constants, createGunzip, type ZlibOptions } from 'node:zlib';
import { createDecoder } from './decode.ts';
import { MAGIC, MAX_BLOCK } from './format.ts';
import type { Records } from './records.ts';

export interface Recording {
  /** Each step reports a bit more of it, at most about half a second of a live run. Ends early where the file is cut or damaged. */
  readonly steps: AsyncIterable<void>;
  /** Epoch ms up to which it has been read. */
  readonly time: number;
  /** After the last step: is the recording whole, and was what k6 wrote? `detail` says why not. */
  check(): Promise<{ readonly complete: boolean; readonly detail: string }>;
}

/** Where the recording of a load is, in the directory of k6's files. */
export function recordingOf(k6Directory: string, load: number): string {
  return path.join(k6Directory, `samples-${load}.squall.gz`);
}

/** Reads a recording into `records`, once. One that a crash has cut is read as far as it goes. Never throws for what is in the file. */
export function readRecording(file: string, records: Records): Recording {
  const decoder = createDecoder(records);
  let failure = '';
  let length = 0;

  async function* inflate(): AsyncGenerator<Uint8Array> {
    const options: ZlibOptions & TransformOptions = {
      chunkSize: 1 << 18,
      highWaterMark: 1 << 20,
      // Without this, a file without its last bytes would lose also what could still be read.
      finishFlush: constants.Z_SYNC_FLUSH,
    };
    const gunzip = createGunzip(options);
    const source = createReadStream(file, { highWaterMark: 1 << 17 });
    source.once('error', (cause) => gunzip.destroy(cause));
    source.pipe(gunzip);
    try {
      for await (const chunk of gunzip) {
        length += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
    } finally {
      source.destroy();
      gunzip.destroy();
    }
  }

  async function* read(): AsyncGenerator<void> {
    try {
      for await (const block of blocksOf(inflate())) {
        decoder.decode(block);
        yield;
      }
    } catch (cause) {
      failure = (cause as Error).message;
    }
  }

  return {
    steps: read(),
    get time() {
      return decoder.time;
    },
    async check() {
      const detail =
        failure !== ''
          ? `the recording cannot be read: ${failure}`
          : decoder.end === null || (await lengthAtEnd(file)) !== length % 2 ** 32
            ? 'the recording is cut: its end is missing'
            : decoder.end.detail;
      return { complete: detail === '', detail };
    },
  };
}

/** The blocks of a recording, each whole. @throws when these are not the bytes of a recording */
async function* blocksOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes: Uint8Array = new Uint8Array(0);
  let hasBegun = false;
  for await (const chunk of chunks) {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    let at = 0;
    if (!hasBegun) {
      if (bytes.length < MAGIC.length) continue;
      if (Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') !== MAGIC)
        throw new Error('it does not begin like one that this squall reads');
      hasBegun = true;
      at = MAGIC.length;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    while (at + 4 <= bytes.length) {
      const end = at + 4 + view.getUint32(at, true);
      if (end - at > MAX_BLOCK) throw new Error('its content is garbled');
      if (end > bytes.length) break;
      yield bytes.subarray(at + 4, end);
      at = end;
    }
    bytes = bytes.subarray(at);
  }
}

/** A gzip file ends with the length of its content, modulo 2^32 (RFC 1952). */
async function lengthAtEnd(file: string): Promise<number> {
  const { size } = await stat(file);
  if (size < 18) return -1;
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, size - 4);
    return buffer.readUInt32LE(0);
  } finally {
    await handle.close();
  }
}
