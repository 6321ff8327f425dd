import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { TransformOptions } from 'node:stream';
import { constants, createGunzip, type ZlibOptions } from 'node:zlib';

export interface Recording {
  /** The CSV text in pieces; can be read once. Ends early, without an error, where the file is cut or damaged. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** After the last chunk: is the file whole? */
  check(): Promise<{ readonly complete: boolean; readonly detail: string }>;
}

/** Opens `k6/samples-<load>.csv.gz`. A file that a crash has cut is read as far as it goes. */
export function openRecording(file: string): Recording {
  let failure = '';
  let bytes = 0;
  async function* read(): AsyncGenerator<Uint8Array> {
    const options: ZlibOptions & TransformOptions = {
      // Smaller pieces change threads too often, larger ones have left the processor's cache when they are read (measured).
      chunkSize: 1 << 20,
      highWaterMark: 1 << 21,
      // Without this, a file without its last bytes would lose also what could still be read.
      finishFlush: constants.Z_SYNC_FLUSH,
    };
    const gunzip = createGunzip(options);
    const source = createReadStream(file, { highWaterMark: 1 << 18 });
    source.once('error', (cause) => gunzip.destroy(cause));
    source.pipe(gunzip);
    try {
      for await (const chunk of gunzip) {
        bytes += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
    } catch (cause) {
      failure = (cause as Error).message;
    } finally {
      source.destroy();
      gunzip.destroy();
    }
  }
  return {
    chunks: read(),
    async check() {
      if (failure !== '') return { complete: false, detail: `the recording cannot be read: ${failure}` };
      const length = await lengthAtEnd(file);
      if (length === bytes % 2 ** 32) return { complete: true, detail: '' };
      return { complete: false, detail: 'the recording is cut: its end is missing' };
    },
  };
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
