import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openSampleStream } from '../orchestrator/samples/record/stream.ts';
import type { SampleStream } from '../orchestrator/samples/types.ts';
import { sampleInput } from './sample-input.ts';

const START = 1_790_000_000_000;
/** Requests a second of all streams together, by the times of their samples. */
const RATE = 5_000;

const fifosIn = (directory: string, count: number) =>
  Array.from({ length: count }, (_, i) => path.join(directory, `${i}.fifo`));

/** Reads, merges, watches and records several streams, as a drill with two objectives and a stop condition does. */
export function openStreams(directory: string, count: number): Promise<SampleStream> {
  return openSampleStream({
    parts: fifosIn(directory, count).map((fifo, i) => ({ name: `runner ${i + 1}`, fifo })),
    recording: path.join(directory, 'samples.squall.gz'),
    steadyWindowMs: 15_000,
    objectives: [
      { name: 'p95', percentile: 95, below: '100ms' },
      { name: 'errors', errors: true, below: '1%' },
    ],
    stop: [{ errors: true, above: 0.5, for: 15_000 }],
  });
}

/** Writes what k6 would have written into the pipes of those streams, as fast as they take it. */
export async function feedStreams(directory: string, count: number, requests: number): Promise<void> {
  await Promise.all(
    fifosIn(directory, count).map(async (fifo) => {
      const pipe = new Socket({
        fd: openSync(fifo, constants.O_WRONLY),
        writable: true,
        readable: false,
        allowHalfOpen: true,
      });
      const input = sampleInput({
        requests: requests / count,
        rate: RATE / count,
        startMs: START,
        format: 'csv',
      });
      await pipeline(Readable.from(input), pipe);
    }),
  );
}
