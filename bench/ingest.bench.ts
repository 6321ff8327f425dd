/**
 * How many requests a second the orchestrator takes in from several k6 at once: recorded streams at full speed through named pipes into
 * the thread that merges, watches and records them, as in a drill. Compared with one stream, and with how k6's own single stream is read.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { feedStreams, openStreams } from './ingest-streams.ts';
import { SAMPLES_PER_REQUEST } from './sample-input.ts';
import { type BenchRow, median, writeSection } from './section.ts';

const quick = process.env.SQUALL_QUICK !== undefined;
const REQUESTS = quick ? 80_000 : 1_600_000;
const STREAMS = [1, 2, 4, 16];
const ROUNDS = 3;
/** What one machine's k6 ends at is a tenth of it. */
const WANTED = 100_000;

interface Result {
  readonly perSecond: number;
}

if (process.argv[2] === undefined) await main();
else {
  process.send?.(await ingest(Number(process.argv[2])));
  process.disconnect?.();
}

async function main(): Promise<void> {
  const results = new Map(STREAMS.map((count) => [count, [] as Result[]]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [count, own] of results) own.push(await inProcess(count));
  const rate = (count: number) => median((results.get(count) ?? []).map(({ perSecond }) => perSecond));
  const rows: BenchRow[] = STREAMS.map((count) => ({
    what: `requests a second taken in from ${count} ${count === 1 ? 'runner' : 'runners'} (${SAMPLES_PER_REQUEST} samples each)`,
    // Where it ends with many runners is good to know; nobody was promised it.
    target: count > 4 ? '' : `>= ${WANTED}`,
    met: count > 4 ? null : rate(count) >= WANTED,
    measured: `${Math.round(rate(count))}${count === 1 ? '' : ` (${(rate(count) / rate(1)).toFixed(2)} of one)`}`,
  }));
  if (quick) console.log(rows);
  else
    writeSection(
      'Load of several runners',
      `Simulated k6 output at full speed through named pipes; ${REQUESTS / 1e6} million requests altogether, each measurement in a process of its own, taking turns; medians of ${ROUNDS}.`,
      rows,
    );
  if (rows.some((row) => row.met === false)) process.exitCode = 1;
}

function inProcess(count: number): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [String(count)], { stdio: 'inherit' });
    child.once('message', (result) => resolve(result as Result));
    child.once('exit', (code) => reject(new Error(`${count} streams: ended with ${code}`)));
  });
}

async function ingest(count: number): Promise<Result> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-ingest-'));
  try {
    const stream = await openStreams(directory, count);
    const began = performance.now();
    await feedStreams(directory, count, REQUESTS);
    const { complete, detail, samples } = await stream.end;
    const seconds = (performance.now() - began) / 1000;
    if (!complete || samples !== REQUESTS * SAMPLES_PER_REQUEST)
      throw new Error(`not whole: ${detail} (${samples})`);
    return { perSecond: REQUESTS / seconds };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
