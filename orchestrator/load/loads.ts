import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { UndoRecord } from '../../chaos/provider.ts';
import type { StopCondition } from '../../chaos/schema/drill.ts';
import type { Objective } from '../../thresholds/objective.ts';
import { now } from '../clock.ts';
import type { JournalEvent } from '../journal/events.ts';
import { redactor } from '../journal/redact.ts';
import type { PlannedLoad } from '../plan.types.ts';
import { recordingOf } from '../samples/recording/recording.ts';
import type { LiveTick } from '../samples/types.ts';
import { removeLeftovers } from '../undo.ts';
import type { HeldLoad, K6Binary } from './runner.ts';
import { loadRunners, runnerNamed } from './runners.ts';

export interface LoadsOptions {
  /** The id of the run. */
  readonly run: string;
  readonly loads: readonly PlannedLoad[];
  readonly k6: K6Binary;
  readonly directory: string;
  /** Of k6's own dashboard, for the first load. */
  readonly dashboardPort?: number | undefined;
  readonly steadyWindowMs: number;
  readonly objectives: readonly Objective[];
  readonly stop: readonly StopCondition[];
  readonly secrets: readonly string[];
  readonly arm: (record: UndoRecord) => Promise<void>;
  readonly disarm: (record: UndoRecord, detail: string) => Promise<void>;
  readonly write: (event: JournalEvent) => void;
  readonly onTick: (load: number, tick: LiveTick) => void;
  /** The loads are ready and go when it resolves, which it always does. Left out: at once. */
  readonly beforeGo?: () => Promise<void>;
  /** The samples of a running load are lost (a full disk, say), so nothing watches the run any more. */
  readonly onLost: (load: number, detail: string) => void;
}

export interface RunningLoads {
  /** Start of the first request of any load; null when all ended without one. */
  readonly firstSampleAt: Promise<number | null>;
  /** Resolves when every k6 has ended; the last samples may still be on their way. */
  readonly k6Ended: Promise<void>;
  /** Resolves when every load has ended, and its recording and its end are on disk. */
  readonly ended: Promise<void>;
  readonly recordings: readonly string[];
  stop(): Promise<void>;
}

/** Starts all loads at the same moment; each is held back until its undo is armed. */
export async function startLoads(options: LoadsOptions): Promise<RunningLoads> {
  const directory = path.join(options.directory, 'k6');
  mkdirSync(directory, { recursive: true });
  const held: HeldLoad[] = [];
  try {
    for (const [index, planned] of options.loads.entries())
      held.push(await hold(options, directory, index, planned));
  } catch (error) {
    await Promise.all(held.map((load) => load.stop()));
    removeLeftovers(options.directory, loadRunners);
    throw error;
  }
  await options.beforeGo?.();
  for (const [index, load] of held.entries()) {
    const {
      script = '',
      iterationsToKnow = {},
      judgesThresholds,
      thresholds = [],
    } = options.loads[index] ?? {};
    const scenarios = Object.keys(iterationsToKnow);
    options.write({
      type: 'load-started',
      load: index,
      script,
      pid: load.pid,
      k6: load.k6 ?? options.k6.version,
      ...(scenarios.length > 0 ? { scenarios } : {}),
      ...(judgesThresholds && thresholds.length > 0 ? { thresholds } : {}),
    });
    void load.runners?.then((runners) => {
      if (runners !== null) options.write({ type: 'load-runners', load: index, ...runners });
    });
    load.go();
  }
  return {
    firstSampleAt: earliest(held.map(({ samples }) => samples.firstSampleAt)),
    k6Ended: Promise.all(held.map(({ ended }) => ended)).then(() => {}),
    ended: Promise.all(held.map((load, index) => waitForEnd(options, index, load))).then(() => {}),
    recordings: held.map((_, index) => recordingOf(directory, index)),
    stop: async () => void (await Promise.all(held.map((load) => load.stop()))),
  };
}

async function hold(
  options: LoadsOptions,
  directory: string,
  index: number,
  planned: PlannedLoad,
): Promise<HeldLoad> {
  const { steadyWindowMs, objectives, stop, secrets } = options;
  const load = await runnerNamed(planned.runner).start({
    k6: options.k6,
    run: options.run,
    load: planned,
    index,
    directory,
    redact: redactor(secrets),
    ...(options.dashboardPort === undefined || index > 0 ? {} : { dashboardPort: options.dashboardPort }),
    samples: {
      recording: recordingOf(directory, index),
      steadyWindowMs,
      objectives,
      stop,
      iterationsToKnow: planned.iterationsToKnow,
      secrets,
    },
  });
  load.samples.onTick((tick) => options.onTick(index, tick));
  await options.arm(load.undo).catch(async (error: unknown) => {
    await load.stop();
    throw error;
  });
  return load;
}

/** Waits for the end of the load and for its last samples, and records how both ended. */
async function waitForEnd(options: LoadsOptions, index: number, load: HeldLoad): Promise<void> {
  let over = false;
  // If nothing reads its samples, a load blocks and never ends by itself.
  void load.samples.end.then(({ complete, detail }) => over || complete || options.onLost(index, detail));
  const { lastError, ...exit } = await load.ended;
  over = true;
  const { complete, detail } = await load.samples.finish();
  load.close();
  // It explains an exit code, and the judge quotes it. Else it is only worth a note.
  const explains = exit.exitCode !== 0 && exit.exitCode !== null;
  if (lastError && !explains)
    options.write({ type: 'note', text: `k6 (load ${index}) said last: ${lastError}` });
  options.write({
    type: 'load-ended',
    load: index,
    ...exit,
    ...(lastError && explains ? { lastError } : {}),
    streamComplete: complete,
    streamDetail: detail,
  });
  if (load.undoAtEnd !== true)
    await options.disarm(load.undo, `k6 ended at ${new Date(now()).toISOString()}`);
}

/** The first of the times to arrive; null when none does. */
function earliest(times: readonly Promise<number | null>[]): Promise<number | null> {
  return new Promise((resolve) => {
    // Loads start together, and waiting for a silent one would delay the timeline.
    for (const time of times) void time.then((at) => at !== null && resolve(at));
    void Promise.all(times).then((all) => resolve(all.find((at) => at !== null) ?? null));
  });
}
