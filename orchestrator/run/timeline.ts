import { deadline, firstOf } from '../../chaos/deadline.ts';
import type {
  Evidence,
  FaultRequest,
  PreparedFault,
  Provider,
  ProviderSession,
  Resolution,
  Target,
  UndoRecord,
} from '../../chaos/provider.ts';
import { identityOf } from '../../chaos/provider.ts';
import { now, sleep } from '../clock.ts';
import type { JournalEvent } from '../journal/events.ts';
import { many } from '../objectives/number-text.ts';
import type { LoadBegin, UseOfFault } from './use-of-faults.ts';

export interface TimelineFault {
  readonly request: FaultRequest;
  readonly provider: Provider;
  readonly session: ProviderSession;
  readonly lasting: boolean;
}

/** One whose use is watched, since before the load. */
export interface WatchedFault extends TimelineFault {
  readonly use: UseOfFault;
}

/** `zeroAt`, the start of the first request: every `at` counts from there. */
export interface TimelineContext extends LoadBegin {
  /** Aborted when the run is cut short: active faults are removed at once, the others are never injected. */
  readonly stop: AbortSignal;
  /** Aborted when the load has ended: nothing observes the target any more. */
  readonly loadOver: AbortSignal;
  /** Whether the steady state held; asked once, when the first fault is due. If it did not, this stops the run. */
  readonly steadyGate: () => Promise<boolean>;
  readonly write: (event: JournalEvent) => void;
  /** Resolves when it is on disk. @throws when it is not: then the fault does not go in. */
  readonly writeAside: (event: JournalEvent) => Promise<void>;
  readonly arm: (record: UndoRecord) => Promise<void>;
  readonly disarm: (record: UndoRecord, detail: string) => Promise<void>;
  /** Undoes armed records through the provider, when reverting in place has failed. */
  readonly undo: (records: readonly UndoRecord[]) => Promise<void>;
  /** Checks the targets against the environment's limits again: they may have changed since the plan. @throws with the reason */
  readonly allow: (request: FaultRequest, resolution: Resolution) => void;
  /** How many targets may be under faults at the same time. */
  readonly maxTargets: number;
}

/** The targets of the lasting faults that are in right now, by the fault's name. */
type InForce = Map<string, readonly Target[]>;

/** Targets are looked up and helpers started this long before a fault is due, so that the injection itself is on time. */
const PREPARE_LEAD_MS = 1_500;
/** How long an effect may still take to show after the load has ended. Later effects hit no request. */
const LAST_LOOK_MS = 2_000;
/** How long an effect may take to show, unless the fault says otherwise. Data stores need to elect, clusters to reconcile. */
export const EVIDENCE_DEADLINE_MS = 30_000;
const ROOM_POLL_MS = 10;
const REVERT_DEADLINE_MS = 15_000;
/** How long a component may take to come back after the load has ended, unless the fault says otherwise. */
const AFTERMATH_MS = 15_000;

/** Injects and removes all faults at their times. Resolves when all are out and never rejects: failures are recorded. */
export async function runTimeline(faults: readonly WatchedFault[], context: TimelineContext): Promise<void> {
  const inForce: InForce = new Map();
  await Promise.all(faults.map((planned) => liveThrough(planned, context, inForce)));
  await Promise.all(faults.map(({ use }) => use.close()));
}

async function liveThrough(planned: WatchedFault, context: TimelineContext, inForce: InForce): Promise<void> {
  const { use } = planned;
  const { fault } = planned.request;
  const dueAt = context.zeroAt + fault.at;
  let prepared: PreparedFault | null = null;
  try {
    const halt = firstOf(context.stop, context.loadOver);
    await sleep(dueAt - PREPARE_LEAD_MS - now(), halt);
    if (halt.aborted) return;
    const ready = await prepare(planned, context);
    prepared = ready.prepared;
    await sleep(dueAt - now(), halt);
    const since = performance.now();
    if (halt.aborted || !(await context.steadyGate())) return await takeOut(planned, prepared, context);
    await roomFor(ready.targets, inForce, context, halt);
    if (planned.lasting) inForce.set(fault.name, ready.targets);
    if (!halt.aborted && performance.now() - since > PREPARE_LEAD_MS)
      await checkAgain(planned, ready.targets, context);
    if (halt.aborted) return await takeOut(planned, prepared, context);
    const event = {
      type: 'fault-injecting',
      fault: fault.name,
      targets: ready.targets.map(({ label }) => label),
      dueAt,
    } as const;
    await context.writeAside(event);
    const injected = await inject(planned, prepared, context, halt, (at) =>
      use.before(ready.targets, at, context),
    );
    // If the clock has been set back meanwhile, the fault must not last longer.
    if (injected && planned.lasting)
      await sleep(Math.min(holdMs(planned), injected.at + holdMs(planned) - now()), halt);
    const out = now();
    await takeOut(planned, prepared, context, injected, () => {
      if (injected) use.during(ready.targets, { from: injected.at, to: out }, context);
    });
  } catch (error) {
    // Neither a missing effect nor a missing end: the state of the fault is unknown.
    context.write({ type: 'fault-unproven', fault: fault.name, reason: (error as Error).message });
    if (prepared) await context.undo(prepared.undo);
  } finally {
    inForce.delete(fault.name);
  }
}

/**
 * The limits were checked against the plan. A fault that took effect late also ends late; the next one waits if there would be too many
 * targets under faults at once. @throws when it has waited too long
 */
async function roomFor(
  targets: readonly Target[],
  inForce: InForce,
  { maxTargets }: TimelineContext,
  halt: AbortSignal,
): Promise<void> {
  const waited = deadline(EVIDENCE_DEADLINE_MS, halt);
  const isRoom = () =>
    new Set([...inForce.values(), targets].flat().map(identityOf)).size <=
    Math.max(maxTargets, targets.length);
  while (!isRoom() && !waited.aborted) await sleep(ROOM_POLL_MS, waited);
  if (!isRoom() && !halt.aborted)
    throw new Error(
      `${[...inForce.keys()].join(', ')} still in: more than ${many(maxTargets, 'target')} would be under faults at the same time`,
    );
}

/**
 * After a wait, the earlier look-up may be out of date: another fault may have left one healthy replica, and this one would hit it.
 * @throws with the reason why the fault must not be injected
 */
async function checkAgain(
  planned: TimelineFault,
  targets: readonly Target[],
  context: TimelineContext,
): Promise<void> {
  const signal = deadline(EVIDENCE_DEADLINE_MS, context.stop);
  const found = await planned.provider.resolve(planned.request, signal);
  const present = new Map(found.candidates.map((candidate) => [identityOf(candidate), candidate]));
  const still = targets.flatMap((target) => present.get(identityOf(target)) ?? []);
  if (still.length < targets.length) throw new Error('its targets are no longer the same after the wait');
  context.allow(planned.request, { ...found, targets: still });
}

async function prepare(
  planned: TimelineFault,
  context: TimelineContext,
): Promise<{ prepared: PreparedFault; targets: readonly Target[] }> {
  const signal = deadline(EVIDENCE_DEADLINE_MS, context.stop);
  const resolution = await planned.provider.resolve(planned.request, signal);
  context.allow(planned.request, resolution);
  const { targets } = resolution;
  const prepared = await planned.session.prepare(planned.request, targets, signal);
  for (const record of prepared.undo) await context.arm(record);
  return { prepared, targets };
}

async function inject(
  planned: TimelineFault,
  prepared: PreparedFault,
  context: TimelineContext,
  halt: AbortSignal,
  onAct: (at: number) => void,
): Promise<Evidence | null> {
  const { name } = planned.request.fault;
  const { patience } = prepared;
  const signal = deadline(
    patience?.evidenceMs ?? EVIDENCE_DEADLINE_MS,
    context.stop,
    soonAfter(context.loadOver, patience?.evidenceMs ?? LAST_LOOK_MS),
  );
  try {
    // This may have happened while the event was being written. Observing goes on for a while after the load, acting does not.
    if (halt.aborted) throw new Error('the run or its load was over before it went in');
    const at = now();
    const acting = prepared.act(firstOf(signal, halt));
    // Asked only now: a provider that has to read a lot for its answer would delay the injection.
    onAct(at);
    await acting;
    const evidence = await prepared.observe(signal);
    context.write({ type: 'fault-injected', fault: name, evidence });
    return evidence;
  } catch (error) {
    context.write({ type: 'fault-unproven', fault: name, reason: (error as Error).message });
    return null;
  }
}

/** Removes a lasting fault, or waits for the component to recover from a one-time fault, and records how it ended. */
async function takeOut(
  planned: TimelineFault,
  prepared: PreparedFault,
  context: TimelineContext,
  injected: Evidence | null = null,
  onReverted: () => void = () => {},
): Promise<void> {
  const { name } = planned.request.fault;
  const write = context.write;
  if (injected && planned.lasting) write({ type: 'fault-reverting', fault: name });
  let isClean = false;
  try {
    // A new signal with its own deadline: the run's own may already be aborted.
    if (planned.lasting || !injected)
      await prepared
        .revert(deadline(prepared.patience?.revertMs ?? REVERT_DEADLINE_MS), context.stop.aborted)
        .finally(onReverted);
    if (injected) {
      const evidence = await prepared.observeEnd(untilBack(planned, prepared, context));
      write({ type: 'fault-ended', fault: name, evidence });
      isClean = !(prepared.isLeft?.() ?? false);
    }
  } catch (error) {
    if (injected) write({ type: 'fault-end-unproven', fault: name, reason: (error as Error).message });
  }
  if (isClean)
    for (const record of prepared.undo)
      await context.disarm(record, 'taken out in place, and seen to be gone');
  // The undo checks for itself whether anything is left, even of a fault that was never seen to take effect.
  else await context.undo(prepared.undo);
}

/**
 * A fault that squall removes must be gone soon, and its target back within the time that the drill allows. A killed component may come
 * back by itself only after the load has ended.
 */
function untilBack(
  planned: TimelineFault,
  { patience }: PreparedFault,
  context: TimelineContext,
): AbortSignal {
  const { expect } = planned.request.fault;
  const goneMs = patience?.endMs ?? EVIDENCE_DEADLINE_MS;
  return planned.lasting
    ? deadline(
        Math.max(goneMs, expect?.recoverWithin ?? 0),
        soonAfter(context.stop, goneMs, 'the run was stopped'),
      )
    : firstOf(context.stop, soonAfter(context.loadOver, patience?.endMs ?? AFTERMATH_MS));
}

function soonAfter(over: AbortSignal, ms: number, why = 'the load was over'): AbortSignal {
  const controller = new AbortController();
  const begin = () => void setTimeout(() => controller.abort(new Error(why)), ms).unref();
  if (over.aborted) begin();
  else over.addEventListener('abort', begin, { once: true });
  return controller.signal;
}

function holdMs(planned: TimelineFault): number {
  return 'for' in planned.request.fault ? planned.request.fault.for : 0;
}
