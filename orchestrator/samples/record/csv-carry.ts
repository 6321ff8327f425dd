export interface Carry {
  /** Takes the next bytes. The chunk may be reused afterwards. */
  push(chunk: Uint8Array): void;
  /** What is still unread. */
  rest(): Uint8Array;
}

/**
 * Hands a stream of bytes to a reader of lines: what it leaves of one chunk, because its end is not there yet, comes again in
 * front of the next one.
 * @param read gets bytes from 0 to `end`, and returns where the first unread one is
 */
export function createCarry(read: (bytes: Uint8Array, end: number) => number): Carry {
  let buffer = new Uint8Array(1 << 17);
  let filled = 0;
  return {
    push(chunk) {
      if (filled + chunk.length > buffer.length) {
        const larger = new Uint8Array(2 * (filled + chunk.length));
        larger.set(buffer.subarray(0, filled));
        buffer = larger;
      }
      buffer.set(chunk, filled);
      filled += chunk.length;
      const rest = read(buffer, filled);
      buffer.copyWithin(0, rest, filled);
      filled -= rest;
    },
    rest: () => buffer.subarray(0, filled),
  };
}
