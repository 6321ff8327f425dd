import { createCsvText } from './csv-text.ts';
import { type Recording, readRecording } from './recording.ts';

/** A recording as the CSV that k6 wrote, in pieces of whole lines, to be read once; `check` says afterwards whether that was all. */
export function recordedCsv(file: string): Pick<Recording, 'check'> & { pieces: AsyncIterable<Buffer> } {
  const ready: Buffer[] = [];
  const text = createCsvText((piece) => ready.push(piece));
  const recording = readRecording(file, text);
  async function* pieces(): AsyncGenerator<Buffer> {
    for await (const _ of recording.steps) yield* ready.splice(0);
    text.flush();
    yield* ready;
  }
  return { pieces: pieces(), check: recording.check };
}
