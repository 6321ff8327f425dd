import type { DrillFault } from '../../chaos/schema/drill.ts';
import type { JournalLine, RunStarted } from '../journal/events.ts';
import type { UseSeen } from '../verdict.types.ts';
import { clockPlusMinusMs } from './load-runners.ts';

/** What the journal says about one fault, in epoch milliseconds; null where it says nothing. */
export interface FaultTimes {
  readonly fault: DrillFault;
  readonly targets: readonly string[];
  /** The three legs of evidence: it was in, something used its targets, it is out. */
  readonly seenIn: readonly string[];
  readonly use: readonly UseSeen[];
  readonly seenOut: readonly string[];
  readonly dueAt: number | null;
  /** Squall began to inject. */
  readonly injectingAt: number | null;
  /** The effect was observed. */
  readonly injectedAt: number | null;
  /** Squall began to take it out again (kinds that last). */
  readonly revertingAt: number | null;
  /** The end was observed: the fault is out, or the component is back. */
  readonly endedAt: number | null;
  /** By how much these two may be earlier, as far as the evidence says. */
  readonly injectedPlusMinusMs: number;
  readonly endedPlusMinusMs: number;
  /**
   * How well the clocks of the load are known, which ran on other machines than squall: the two above hold this already. Left out: the
   * load was on squall's own machine.
   */
  readonly clockPlusMinusMs?: number;
  /** What only the service itself says about its going in or out, see Evidence; null where something else bears it out. */
  readonly unwitnessed: string | null;
  /** Why there is no evidence of the effect, or of the end, as far as the journal knows. */
  readonly unproven: string | null;
  /** When the journal said so. */
  readonly unprovenAt: number | null;
  readonly endUnproven: string | null;
  readonly endUnprovenAt: number | null;
}

/** One entry per fault of the drill, in the drill's order, injected or not. */
export function faultTimes(lines: readonly JournalLine[]): FaultTimes[] {
  const started = lines.find((line) => line.event.type === 'run-started')?.event as RunStarted | undefined;
  const clockMs = clockPlusMinusMs(lines);
  return (started?.drill.faults ?? []).map((fault) => {
    const times = timesOf(fault, lines);
    if (clockMs === 0) return times;
    return {
      ...times,
      clockPlusMinusMs: clockMs,
      injectedPlusMinusMs: times.injectedPlusMinusMs + clockMs,
      endedPlusMinusMs: times.endedPlusMinusMs + clockMs,
    };
  });
}

function timesOf(fault: DrillFault, lines: readonly JournalLine[]): FaultTimes {
  const times: { -readonly [Key in keyof FaultTimes]: FaultTimes[Key] } = {
    fault,
    targets: [],
    seenIn: [],
    use: [],
    seenOut: [],
    dueAt: null,
    injectingAt: null,
    injectedAt: null,
    revertingAt: null,
    endedAt: null,
    injectedPlusMinusMs: 0,
    endedPlusMinusMs: 0,
    unwitnessed: null,
    unproven: null,
    unprovenAt: null,
    endUnproven: null,
    endUnprovenAt: null,
  };
  for (const { at, event } of lines) {
    if (!('fault' in event) || event.fault !== fault.name) continue;
    if (event.type === 'fault-injecting') {
      times.injectingAt ??= at;
      times.dueAt = event.dueAt;
      times.targets = event.targets;
    } else if (event.type === 'fault-injected') {
      if (times.injectedAt === null) times.injectedPlusMinusMs = event.evidence.withinMs ?? 0;
      times.injectedAt ??= event.evidence.at;
      times.seenIn = [...times.seenIn, ...event.evidence.seen];
      times.unwitnessed ??= event.evidence.unwitnessed ?? null;
    } else if (event.type === 'fault-use') {
      const { when, use, from, to } = event;
      const forMs = Math.max(0, to - from);
      times.use = [...times.use, { when, inUse: use.inUse, forMs, seen: use.seen }];
    } else if (event.type === 'fault-reverting') times.revertingAt ??= at;
    else if (event.type === 'fault-ended') {
      if (times.endedAt === null) times.endedPlusMinusMs = event.evidence.withinMs ?? 0;
      times.endedAt ??= event.evidence.at;
      times.seenOut = [...times.seenOut, ...event.evidence.seen];
      times.unwitnessed ??= event.evidence.unwitnessed ?? null;
    } else if (event.type === 'fault-unproven') {
      times.unproven = event.reason;
      times.unprovenAt = at;
    } else if (event.type === 'fault-end-unproven') {
      times.endUnproven = event.reason;
      times.endUnprovenAt = at;
    }
  }
  return times;
}
