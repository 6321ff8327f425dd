export const sampleRate = 16_000;
export const chunkMs = 100;
export const samplesPerChunk = (sampleRate * chunkMs) / 1000;
const headerBytes = 4;

export interface Voice {
  readonly hz: number;
  /** The next chunk: its number (uint32, little-endian) and 100 ms of PCM16 that continue where the last chunk ended. */
  chunk(seq: number): ArrayBuffer;
}

/** A voice-like tone of a known pitch: a fundamental with three harmonics. */
export const createVoice = (hz: number): Voice => {
  // A whole number of periods fits into ten chunks if hz is whole, so one second is made once and repeated.
  const second = new Int16Array(sampleRate);
  for (let i = 0; i < second.length; i += 1) {
    const phase = (2 * Math.PI * hz * i) / sampleRate;
    const wave =
      Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.25 * Math.sin(3 * phase) + 0.12 * Math.sin(4 * phase);
    second[i] = Math.round(9_000 * wave);
  }
  return {
    hz,
    chunk(seq) {
      const bytes = new ArrayBuffer(headerBytes + 2 * samplesPerChunk);
      new DataView(bytes).setUint32(0, seq, true);
      const from = (seq % 10) * samplesPerChunk;
      new Int16Array(bytes, headerBytes).set(second.subarray(from, from + samplesPerChunk));
      return bytes;
    },
  };
};

/** Half a semitone: what a singer would notice. */
export const isPitch = (heard: number | null, hz: number): boolean =>
  heard !== null && Math.abs(Math.log2(heard / hz)) < 0.5 / 12;
