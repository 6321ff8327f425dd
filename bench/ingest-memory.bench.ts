/**
 * Does the memory of the process that takes in the samples of several runners grow with their number? Recorded streams at full speed, fed by
 * another process: one length, four times and sixteen times as many samples. V8 lets its heap grow to its size in the first minute, so the
 * longest is compared with the one before. SQUALL_QUICK shortens it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { feedStreams, openStreams } from './ingest-streams.ts';
import { SAMPLES_PER_REQUEST } from './sample-input.ts';
import { type BenchRow, median, writeSection } from './section.ts';

const quick = process.env.SQUALL_QUICK !== undefined;
const REQUESTS = quick ? 16_000 : 800_000;
const LENGTHS = [1, 4, 16];
const STREAMS = [1, 16];
const LOOK_MS = 100;
/** The garbage collector's own swing; what is kept of each sample would be a multiple of it. */
const FLAT = 1.25;
const MB = 1_048_576;

const [, , role, ...args] = process.argv;
const [directory = '', count = 0, requests = 0] = [args[0], Number(args[1]), Number(args[2])];
if (role === 'feed') await feedStreams(directory, count, requests);
else if (role === 'ingest') {
  process.send?.(await ingest());
  process.disconnect?.();
} else await main();

interface Memory {
  readonly peakMb: number;
  /** Of the last quarter of the time. */
  readonly lateMb: number;
}

async function main(): Promise<void> {
  const rows: BenchRow[] = [];
  for (const streams of STREAMS) {
    const seen: Memory[] = [];
    for (const times of LENGTHS) seen.push(await measured(streams, times * REQUESTS));
    const [some, most] = [seen.at(-2) as Memory, seen.at(-1) as Memory];
    rows.push({
      what: `memory (RSS) of the process that takes in ${streams} ${streams === 1 ? 'stream' : 'streams'}: peak with 16 times as many samples, relative to 4 times`,
      target: `<= ${FLAT}`,
      measured: `${(most.peakMb / some.peakMb).toFixed(2)} (peaks ${list(seen.map(({ peakMb }) => peakMb))} MB with 1, 4, 16 times; at the end ${list(seen.map(({ lateMb }) => lateMb))})`,
      met: quick ? null : most.peakMb / some.peakMb <= FLAT,
    });
  }
  if (quick) console.log(rows);
  else
    writeSection(
      'Memory with several runners',
      `Simulated k6 output at full speed through named pipes, from a process of its own; once is ${REQUESTS / 1e6} million requests of ${SAMPLES_PER_REQUEST} samples. Resident memory, looked at every ${LOOK_MS} ms. V8 lets its heap grow to its size in the first minute, so the longest is compared with the one before.`,
      rows,
    );
}

async function measured(streams: number, total: number): Promise<Memory> {
  const own = mkdtempSync(path.join(os.tmpdir(), 'squall-ingest-'));
  try {
    const child = fork(fileURLToPath(import.meta.url), ['ingest', own, String(streams), String(total)]);
    const [memory] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (typeof memory !== 'object') throw new Error(`${streams} streams: ended with ${memory}`);
    return memory as Memory;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

async function ingest(): Promise<Memory> {
  const stream = await openStreams(directory, count);
  const seen: number[] = [];
  const look = setInterval(() => seen.push(process.memoryUsage.rss() / MB), LOOK_MS);
  fork(fileURLToPath(import.meta.url), ['feed', directory, String(count), String(requests)]);
  const { complete, detail, samples } = await stream.end;
  clearInterval(look);
  if (!complete || samples !== requests * SAMPLES_PER_REQUEST)
    throw new Error(`not whole: ${detail} (${samples})`);
  return { peakMb: Math.max(...seen), lateMb: median(seen.slice(-Math.ceil(seen.length / 4))) };
}

function list(values: readonly number[]): string {
  return values.map((value) => value.toFixed(0)).join(', ');
}
