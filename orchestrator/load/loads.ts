import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { StopCondition } from '../../chaos/schema/drill.ts';
import type { Objective } from '../../thresholds/objective.ts';
import { now } from '../clock.ts';
import type { JournalEvent } from '../journal/events.ts';
import { redactor } from '../journal/redact.ts';
import type { Ledger } from '../recovery/ledger.ts';
import { openSampleStream } from '../samples/record/stream.ts';
import { recordingOf } from '../samples/recording/recording.ts';
import type { LiveTick, SampleStream } from '../samples/types.ts';
import { type Load, startLoad } from './k6/k6.ts';
import { pipeOf, removePipes } from './k6/pipes.ts';

export interface PlannedLoad {
  readonly script: string;
  /** Written by squall (a bundle of a scenario), or any other k6 script? */
  readonly foreign: boolean;
  readonly vars: Readonly<Record<string, string>>;
  /** Null when only k6 knows when it is done. */
  readonly durationMs: number | null;
  /** See LoadShape. */
  readonly iterationsToKnow: Readonly<Record<string, number>>;
}

export interface LoadsOptions {
  readonly loads: readonly PlannedLoad[];
  readonly k6: { readonly path: string; readonly major: number; readonly version: string };
  readonly directory: string;
  readonly steadyWindowMs: number;
  readonly objectives: readonly Objective[];
  readonly stop: readonly StopCondition[];
  readonly secrets: readonly string[];
  readonly ledger: Ledger;
  readonly write: (event: JournalEvent) => void;
  readonly onTick: (load: number, tick: LiveTick) => void;
  /** The samples of a load that still runs are lost (a full disk): nothing watches the run any more. */
  readonly onLost: (load: number, detail: string) => void;
}

export interface RunningLoads {
  /** Start of the first request of any load; null when all ended without one. */
  readonly firstSampleAt: Promise<number | null>;
  /** Resolves when every k6 has ended: what they left in their pipes is still being read. */
  readonly k6Ended: Promise<void>;
  /** Resolves when every load has ended and its recording is on disk and written down. */
  readonly ended: Promise<void>;
  readonly recordings: readonly string[];
  stop(): Promise<void>;
}

/** Starts every load at the same moment, each held back until its undo is armed. */
export async function startLoads(options: LoadsOptions): Promise<RunningLoads> {
  const directory = path.join(options.directory, 'k6');
  mkdirSync(directory, { recursive: true });
  const running: { load: Load; stream: SampleStream }[] = [];
  try {
    for (const [index, planned] of options.loads.entries())
      running.push(await open(options, directory, index, planned));
  } catch (error) {
    await Promise.all(running.map(({ load }) => load.stop()));
    removePipes(options.directory);
    throw error;
  }
  for (const [index, { load }] of running.entries()) {
    options.write({
      type: 'load-started',
      load: index,
      script: options.loads[index]?.script ?? '',
      pid: load.identity.pid,
      k6: options.k6.version,
    });
    load.go();
  }
  return {
    firstSampleAt: earliest(running.map(({ stream }) => stream.firstSampleAt)),
    k6Ended: Promise.all(running.map(({ load }) => load.ended)).then(() => {}),
    ended: Promise.all(running.map((one, index) => seeOut(options, index, one))).then(() => {}),
    recordings: running.map((_, index) => recordingOf(directory, index)),
    stop: async () => void (await Promise.all(running.map(({ load }) => load.stop()))),
  };
}

async function open(options: LoadsOptions, directory: string, index: number, planned: PlannedLoad) {
  const fifo = pipeOf(directory, index);
  const stream = await openSampleStream({
    fifo,
    recording: recordingOf(directory, index),
    steadyWindowMs: options.steadyWindowMs,
    objectives: options.objectives,
    stop: options.stop,
    iterationsToKnow: planned.iterationsToKnow,
    secrets: options.secrets,
  });
  stream.onTick((tick) => options.onTick(index, tick));
  const { script, foreign, vars } = planned;
  const load = startLoad({
    k6: options.k6,
    index,
    script,
    ownThresholds: foreign,
    vars,
    fifo,
    directory,
    redact: redactor(options.secrets),
  });
  await options.ledger.arm(load.undo);
  return { load, stream };
}

/** Waits for k6's end and for what is left in the pipe, and writes down how both ended. */
async function seeOut(
  options: LoadsOptions,
  index: number,
  { load, stream }: { load: Load; stream: SampleStream },
): Promise<void> {
  let over = false;
  // k6 waits for ever for a reader that has gone: its own end would never come.
  void stream.end.then(({ complete, detail }) => over || complete || options.onLost(index, detail));
  const exit = await load.ended;
  over = true;
  const end = await stream.finish();
  rmSync(pipeOf(path.join(options.directory, 'k6'), index), { force: true });
  if (exit.lastError)
    options.write({ type: 'note', text: `k6 (load ${index}) said last: ${exit.lastError}` });
  options.write({
    type: 'load-ended',
    load: index,
    exitCode: exit.exitCode,
    signal: exit.signal,
    streamComplete: end.complete,
    streamDetail: end.detail,
    scriptErrors: exit.scriptErrors,
  });
  await options.ledger.disarm(load.undo, `k6 ended at ${new Date(now()).toISOString()}`);
}

/** The earliest of all that come; null when none does. */
function earliest(times: readonly Promise<number | null>[]): Promise<number | null> {
  return new Promise((resolve) => {
    // The first to arrive decides: loads start together, and waiting for a silent one would hold up the timeline.
    for (const time of times) void time.then((at) => at !== null && resolve(at));
    void Promise.all(times).then((all) => resolve(all.find((at) => at !== null) ?? null));
  });
}
