import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';

/** Why a call is not taken, and the status that says so. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

/**
 * The text of a call, decompressed. What arrives and what it becomes are both bounded; the rest is not read.
 * @param reserve takes bytes from what all calls together may hold. @throws Refusal when there are too few left
 * @throws Refusal, or what broke the connection
 */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
  reserve: (bytes: number) => void,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw tooLarge(limitBytes);
    reserve(chunk.length);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? '';
  const decode = decoderOf(encoding, body);
  if (decode === null) return textOf(body);
  const decoded = await decode(body, { maxOutputLength: limitBytes }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes);
      throw new Refusal(400, `the body is not valid ${encoding || 'gzip'}`);
    },
  );
  reserve(decoded.length);
  return textOf(decoded);
}

type Decoder = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

/** Null: it is plain. A proxy may have taken the header away and left the body as it was. */
function decoderOf(encoding: string, body: Buffer): Decoder | null {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b;
  switch (encoding) {
    case '':
    case 'identity':
      return isGzip ? promisify(gunzip) : null;
    case 'gzip':
    case 'x-gzip':
      return isGzip ? promisify(gunzip) : null;
    case 'deflate':
      // Sent with and without the header of zlib, whose first byte ends in 8.
      return promisify(((body[0] ?? 0) & 0x0f) === 8 ? inflate : inflateRaw);
    case 'br':
      return promisify(brotliDecompress);
    default:
      throw new Refusal(415, 'its content encoding is not gzip, deflate or br');
  }
}

/** JSON is UTF-8. A byte-order mark at its start means nothing, except that of UTF-16, which some shells write. */
function textOf(body: Buffer): string {
  const utf16 = body[0] === 0xff && body[1] === 0xfe;
  return new TextDecoder(utf16 ? 'utf-16le' : 'utf-8').decode(body);
}

function tooLarge(limitBytes: number): Refusal {
  return new Refusal(413, `the call is larger than ${limitBytes / 1_000_000} MB`);
}
