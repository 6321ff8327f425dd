export interface Carry {
  /** Takes the next bytes. The chunk may be reused afterwards. */
  push(chunk: Uint8Array): void;
  /** How many bytes are still unread. */
  readonly left: number;
}

/**
 * Hands a stream of bytes to a reader of lines: what it leaves of one chunk, because its end is not there yet, comes again together
 * with the beginning of the next one; the rest is read where it is, without a copy.
 * @param read gets bytes from `start` to `end`, and returns where the first unread one is
 */
export function createCarry(read: (bytes: Uint8Array, start: number, end: number) => number): Carry {
  let buffer = new Uint8Array(1 << 12);
  let filled = 0;

  function append(bytes: Uint8Array): void {
    if (filled + bytes.length > buffer.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(filled + bytes.length)));
      larger.set(buffer.subarray(0, filled));
      buffer = larger;
    }
    buffer.set(bytes, filled);
    filled += bytes.length;
  }

  return {
    push(piece) {
      if (piece.length === 0) return;
      // A Buffer would be a second kind of array to a hot loop.
      const chunk = new Uint8Array(piece.buffer, piece.byteOffset, piece.length);
      let from = 0;
      if (filled > 0) {
        // The line that the last chunk began, and a few more.
        const carried = filled;
        append(chunk.subarray(0, SEAM));
        const position = read(buffer, 0, filled);
        if (position < carried) {
          append(chunk.subarray(SEAM));
          const rest = read(buffer, 0, filled);
          buffer.copyWithin(0, rest, filled);
          filled -= rest;
          return;
        }
        from = position - carried;
        filled = 0;
      }
      append(chunk.subarray(read(chunk, from, chunk.length)));
    },
    get left() {
      return filled;
    },
  };
}

/** How much of a chunk is looked at together with what was left of the last one. */
const SEAM = 4096;
