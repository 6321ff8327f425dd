/**
 * Samples at scale: judging compared with readline + JSON.parse over the same run (interleaved, medians), a recorded half hour, and an
 * hour that streams through. Every measurement runs in a process of its own, so that its peak memory is its own.
 */

import { fork } from 'node:child_process';
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { execa } from 'execa';
import type { JournalEvent, JournalLine } from '../orchestrator/journal/events.ts';
import { openJournal } from '../orchestrator/journal/journal.ts';
import { judgeRun } from '../orchestrator/judge/judge.ts';
import { readableMs } from '../orchestrator/objectives/number-text.ts';
import { entryPoint } from '../orchestrator/package.ts';
import { createLive } from '../orchestrator/samples/live/live.ts';
import { createRecorder, GZIP_LEVEL } from '../orchestrator/samples/record/recorder.ts';
import { recordingOf } from '../orchestrator/samples/recording/recording.ts';
import { createHistogram, percentile, record } from '../orchestrator/statistics/histogram.ts';
import type { Verdict } from '../orchestrator/verdict.types.ts';
import { loadEnded } from '../test/reference-target/load-ended.ts';
import type { Objective } from '../thresholds/objective.ts';
import { SAMPLES_PER_REQUEST, sampleInput } from './sample-input.ts';
import { type BenchRow, median, writeSection } from './section.ts';

const START = 1_790_000_000_000;
const RATE = 1000;
const quick = process.env.SQUALL_QUICK !== undefined;
const COMPARED = quick ? 40_000 : 800_000;
const HALF_HOUR = quick ? 60_000 : 1_800_000;
const HOUR_SECONDS = quick ? 120 : 3600;
const ROUNDS = 3;

interface Result {
  readonly ms: number;
  readonly peakMb: number;
  readonly percentiles: readonly (number | null)[];
  readonly series: readonly number[];
}

const task = process.argv[2];
if (task === undefined) await main();
else process.send?.(await runTask(task, process.argv[3] as string));
if (task !== undefined) process.disconnect?.();

async function main(): Promise<void> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-bench-'));
  const rows: BenchRow[] = [];
  try {
    const compared = path.join(directory, 'compared');
    await recordInput(compared, COMPARED);
    const json = path.join(directory, 'samples.json');
    await pipeline(
      sampleInput({ requests: COMPARED, rate: RATE, startMs: START, format: 'json' }),
      createWriteStream(json),
    );
    const ours: Result[] = [];
    const theirs: Result[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await inProcess('judge', compared));
      theirs.push(await inProcess('readline', json));
    }
    const ratio = median(theirs.map((r) => r.ms)) / median(ours.map((r) => r.ms));
    const samples = millions(COMPARED * SAMPLES_PER_REQUEST);
    rows.push(
      {
        what: `judging ${samples} samples, compared with readline + JSON.parse`,
        target: '>= 20x',
        measured: `${ratio.toFixed(1)}x (${readableMs(median(ours.map((r) => r.ms)))} against ${readableMs(median(theirs.map((r) => r.ms)))})`,
        met: ratio >= 20,
      },
      {
        what: 'peak memory of that',
        target: '<= 200 MB',
        measured: `${Math.max(...ours.map((r) => r.peakMb))} MB`,
        met: Math.max(...ours.map((r) => r.peakMb)) <= 200,
      },
      {
        what: 'its percentiles (p50, p95, p99 of steady)',
        target: 'identical',
        measured: `${ours[0]?.percentiles.join(', ')} ms`,
        met: same(ours[0]?.percentiles, theirs[0]?.percentiles),
      },
    );
    rmSync(json);
    const half = path.join(directory, 'half-hour');
    await recordInput(half, HALF_HOUR);
    recordJournal(half);
    const report = [await reportOn(half), await reportOn(half), await reportOn(half)];
    const size = statSync(recordingOf(path.join(half, 'k6'), 0)).size / 1e6;
    rows.push(
      {
        what: `squall report on a recorded run of ${HALF_HOUR / RATE / 60} min at ${RATE} requests/s (${millions(HALF_HOUR * SAMPLES_PER_REQUEST)} samples)`,
        target: '< 3 s',
        measured: `${readableMs(median(report))} (all of the command: start, judging, every file)`,
        met: median(report) < 3000,
      },
      { what: 'the recording of it', target: '< 120 MB', measured: `${size.toFixed(0)} MB`, met: size < 120 },
    );
    const hour = await inProcess('hour', directory);
    const [early = 0, late = 0] = hour.series;
    rows.push({
      what: `resident memory while ${HOUR_SECONDS / 60} min at 300 requests/s stream through (after a sixth of them, at the end)`,
      target: 'flat',
      measured: `${early} MB, ${late} MB`,
      met: late <= early * 1.15 + 5,
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  if (quick) console.log(rows);
  else {
    writeSection(
      'Judging',
      'Simulated k6 output; each measurement in a process of its own, the two that are compared taking turns; medians of three.',
      rows,
    );
  }
  if (rows.some((row) => row.met === false)) process.exitCode = 1;
}

/** As the stream records. */
async function recordInput(directory: string, requests: number): Promise<void> {
  mkdirSync(path.join(directory, 'k6'), { recursive: true });
  await pipeline(
    recordingOfInput(sampleInput({ requests, rate: RATE, startMs: START, format: 'csv' })),
    createGzip({ level: GZIP_LEVEL }),
    createWriteStream(recordingOf(path.join(directory, 'k6'), 0)),
  );
}

function* recordingOfInput(csv: Iterable<Uint8Array>): Generator<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const nobody = { wants: () => false, request() {}, sample() {} };
  const recorder = createRecorder(nobody, (piece) => pieces.push(piece));
  for (const bytes of csv) {
    recorder.push(bytes);
    yield* pieces.splice(0);
  }
  recorder.end();
  yield* pieces;
}

/** The journal that the run would have left. */
function recordJournal(directory: string): void {
  const open = openJournal(path.join(directory, 'journal.jsonl'));
  for (const { event, at } of journal()) open.append(event, at);
  open.close();
}

/** Runs the command as a user does; milliseconds. @throws unless it printed a verdict over all of the requests */
async function reportOn(directory: string): Promise<number> {
  const began = performance.now();
  const { stdout } = await execa(
    process.execPath,
    [entryPoint('scripts/squall'), 'report', directory, '--json'],
    {
      stdin: 'ignore',
      stderr: 'inherit',
      reject: false,
    },
  );
  const ms = performance.now() - began;
  const { phases } = JSON.parse(stdout) as Verdict;
  const requests = phases.reduce((sum, phase) => sum + phase.requests, 0);
  if (requests !== HALF_HOUR) throw new Error(`the report is about ${requests} requests of ${HALF_HOUR}`);
  return ms;
}

function inProcess(name: string, argument: string): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [name, argument], { stdio: 'inherit' });
    child.once('message', (result) => resolve(result as Result));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
}

async function runTask(name: string, argument: string): Promise<Result> {
  const began = performance.now();
  const part =
    name === 'judge'
      ? await judge(argument)
      : name === 'readline'
        ? await readlineAndParse(argument)
        : streamAnHour();
  return {
    percentiles: [],
    series: [],
    ...part,
    ms: performance.now() - began,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

async function judge(directory: string): Promise<Partial<Result>> {
  const { verdict, series } = await judgeRun({ directory, lines: journal(), damage: null });
  const steady = verdict.phases[0];
  return {
    percentiles: [steady?.p50 ?? null, steady?.p95 ?? null, steady?.p99 ?? null],
    series: series.seconds.slice(0, 50).map((second) => second.p95 ?? 0),
  };
}

/** What most scripts around k6 do, with no judging at all: percentiles of the whole run and of each second. */
async function readlineAndParse(file: string): Promise<Partial<Result>> {
  const whole = createHistogram();
  const bySecond = new Map<number, number[]>();
  let duration = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { metric, data } = JSON.parse(line) as { metric: string; data: { time: string; value: number } };
    if (metric === 'http_req_duration') duration = data.value;
    if (metric !== 'http_req_failed' || data.value !== 0) continue;
    record(whole, duration);
    const second = Math.floor((Date.parse(data.time) - duration) / 1000);
    const values = bySecond.get(second);
    if (values) values.push(duration);
    else bySecond.set(second, [duration]);
  }
  for (const values of bySecond.values()) values.sort((a, b) => a - b);
  return { percentiles: [50, 95, 99].map((p) => Number((percentile(whole, p) as number).toPrecision(6))) };
}

function streamAnHour(): Partial<Result> {
  const rate = 300;
  const live = createLive({
    steadyWindowMs: 15_000,
    objectives: [
      { name: 'p95', percentile: 95, below: '100ms' },
      { name: 'errors', errors: true, below: '1%' },
    ],
    stop: [{ errors: true, above: 0.5, for: 15_000 }],
    onFirst: () => {},
  });
  const recorder = createRecorder(live.visitor, () => {});
  const memory: number[] = [];
  for (const bytes of sampleInput({ requests: HOUR_SECONDS * rate, rate, startMs: START, format: 'csv' })) {
    recorder.push(bytes);
    const { newestSampleAt = 0 } = live.tick(Date.now()) ?? {};
    if (newestSampleAt > START + (HOUR_SECONDS * 1000 * (memory.length + 1)) / 6) {
      memory.push(Math.round(process.memoryUsage().rss / 1e6));
    }
  }
  return { series: [memory[0] ?? 0, Math.round(process.memoryUsage().rss / 1e6)] };
}

/** The plan of a run without faults: all of it is steady. */
function journal(): JournalLine[] {
  const objectives: Objective[] = [
    { name: 'health', where: { name: 'GET /health' }, percentile: 95, below: '100ms' },
    { name: 'all-p99', percentile: 99, below: '1s', phase: 'all' },
    { name: 'errors', errors: true, below: '1%' },
    { name: 'availability', availability: true, atLeast: '99%', window: '30d' },
  ];
  const events: JournalEvent[] = [
    {
      type: 'run-started',
      run: 'bench',
      squall: '0.0.0',
      environment: 'bench',
      objectives,
      machine: { os: 'bench', cpus: 1, memoryMb: 1, node: process.version },
      drill: {
        name: 'bench',
        load: [{ scenario: 'spike', vars: {} }],
        steady: { for: 1000 },
        faults: [],
        objectives: [],
        probes: [],
        stop: [],
      },
    },
    { type: 'load-started', load: 0, script: 'spike.js', pid: 1, k6: 'k6' },
    { type: 'steady-held', forMs: 1000 },
    loadEnded(),
    { type: 'run-ended' },
  ];
  return events.map((event, seq) => ({ seq, at: START, event, prev: '', hash: '' }));
}

function same(a: readonly (number | null)[] | undefined, b: readonly (number | null)[] | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(1)} million`;
}
