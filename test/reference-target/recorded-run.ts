import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { JournalEvent, JournalLine, RunStarted } from '../../orchestrator/journal/events.ts';
import type { RecordedRun } from '../../orchestrator/judge/types.ts';
import { openSampleStream } from '../../orchestrator/samples/record/stream.ts';
import { recordingOf } from '../../orchestrator/samples/recording/recording.ts';
import type {
  LiveTick,
  SampleStream,
  SampleStreamOptions,
  StreamEnd,
} from '../../orchestrator/samples/types.ts';

/** A run without the orchestrator: k6 into the sample stream, and a journal that the test writes. */
export interface RecordOptions {
  readonly k6: string;
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Extra arguments for k6. */
  readonly args?: readonly string[];
  readonly stream?: Partial<SampleStreamOptions>;
  readonly onTick?: (tick: LiveTick) => void;
  /** Called while k6 runs, with its pid and the stream; its promise is awaited before the end. */
  readonly during?: (running: { readonly pid: number; readonly stream: SampleStream }) => Promise<void>;
}

export interface Recorded {
  readonly directory: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly firstSampleAt: number | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly end: StreamEnd;
  readonly log: string;
  remove(): void;
}

export async function recordRun(options: RecordOptions): Promise<Recorded> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-recorded-'));
  mkdirSync(path.join(directory, 'k6'));
  const script = path.join(directory, 'script.js');
  writeFileSync(script, options.script);
  const fifo = path.join(directory, 'k6', 'samples.fifo');
  const startedAt = Date.now();
  const stream = await openSampleStream({
    fifo,
    recording: recordingOf(path.join(directory, 'k6'), 0),
    steadyWindowMs: 2000,
    objectives: [],
    stop: [],
    secrets: [],
    ...options.stream,
  });
  if (options.onTick) stream.onTick(options.onTick);
  const child = spawn(
    options.k6,
    [
      'run',
      '-q',
      '--no-color',
      '--no-thresholds',
      '--summary-mode=disabled',
      '--address=',
      `--out=csv=${fifo}`,
      ...(options.args ?? []),
      script,
    ],
    {
      env: {
        ...process.env,
        ...options.env,
        K6_CSV_TIME_FORMAT: 'unix_nano',
        K6_CSV_SAVE_INTERVAL: '250ms',
        K6_AUTO_EXTENSION_RESOLUTION: 'false',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  preferred(child.pid);
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (log.length < 1e6) log += text;
  });
  // `close`, not `exit`: all of the log has been read as well.
  const exit = once(child, 'close') as Promise<[number | null, string | null]>;
  await options.during?.({ pid: child.pid as number, stream });
  const [exitCode, signal] = await exit;
  const end = await stream.finish();
  return {
    directory,
    startedAt,
    endedAt: Date.now(),
    firstSampleAt: await stream.firstSampleAt,
    exitCode,
    signal,
    end,
    log,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A journal for a recorded run: `events` go between the start and the end of the load. No hashes, because judging reads none. */
export function journalOf(
  recorded: Recorded,
  started: Pick<RunStarted, 'objectives' | 'traces'> & {
    readonly drill?: Partial<RunStarted['drill']>;
    readonly machine?: Partial<RunStarted['machine']>;
  },
  events: readonly { readonly at: number; readonly event: JournalEvent }[] = [],
): RecordedRun {
  const drill: RunStarted['drill'] = {
    name: 'reference',
    load: [{ scenario: 'reference', vars: {} }],
    steady: { for: 1000 },
    faults: [],
    objectives: [],
    probes: [],
    stop: [],
    ...started.drill,
  };
  const all: { at: number; event: JournalEvent }[] = [
    {
      at: recorded.startedAt,
      event: {
        type: 'run-started',
        run: 'reference-run',
        squall: '0.0.0',
        drill,
        environment: 'reference',
        objectives: started.objectives,
        ...(started.traces && { traces: started.traces }),
        machine: { os: 'test', cpus: 1, memoryMb: 1, node: process.version, ...started.machine },
      },
    },
    {
      at: recorded.startedAt,
      event: { type: 'load-started', load: 0, script: 'script.js', pid: 1, k6: 'k6' },
    },
    { at: recorded.startedAt, event: { type: 'steady-held', forMs: drill.steady.for } },
    ...[...events].sort((a, b) => a.at - b.at),
    {
      at: recorded.endedAt,
      event: {
        type: 'load-ended',
        load: 0,
        exitCode: recorded.exitCode,
        signal: recorded.signal,
        streamComplete: recorded.end.complete,
        streamDetail: recorded.end.detail,
        scriptErrors: recorded.log.match(/source=stacktrace/g)?.length ?? 0,
      },
    },
    { at: recorded.endedAt, event: { type: 'run-ended' } },
  ];
  const lines: JournalLine[] = all.map(({ at, event }, seq) => ({ seq, at, event, prev: '', hash: '' }));
  return { directory: recorded.directory, lines, damage: null };
}

/** Gives a process priority on a machine that is busy with other tests, if this user may. */
export function preferred(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    os.setPriority(pid, -15);
  } catch {
    // Not root, so it has to do without.
  }
}
