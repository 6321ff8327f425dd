/** Puts stars over secret texts in a stream of bytes; the length stays, and so does everything around them. */
export interface Mask {
  /** What may go on: all but a rest that could be the beginning of a secret. Changes the bytes in place. */
  push(chunk: Buffer): Buffer;
  /** The rest. */
  end(): Buffer;
}

/** A script may have put a token into a URL or a tag: then it is in the samples. Also as a URL encodes it. */
export function createMask(secrets: readonly string[]): Mask {
  const texts = secrets
    .filter((secret) => secret.length > 0)
    .flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const needles = [...new Set(texts)].map((text) => Buffer.from(text)).sort((a, b) => b.length - a.length);
  const longest = needles[0]?.length ?? 0;
  let rest: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      if (longest === 0) return chunk;
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (const needle of needles) {
        for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + needle.length)) {
          bytes.fill('*', at, at + needle.length);
        }
      }
      const ready = Math.max(0, bytes.length - longest + 1);
      rest = Buffer.from(bytes.subarray(ready));
      return bytes.subarray(0, ready);
    },
    end: () => rest,
  };
}
