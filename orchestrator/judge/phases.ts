import type { FaultTimes } from './fault-times.ts';

/** A stretch of the run, in epoch milliseconds: `from` belongs to it, `to` does not. */
export interface Phase {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** The part of the run that the load covered: start of the first request to start of the last. */
export interface LoadSpan {
  readonly from: number;
  readonly to: number;
}

export const WARM_UP = 'warm-up';

/**
 * Cuts the run at the evidence, never at the schedule.
 *
 * `warm-up`, where the drill has one, ends at `warmUntil` (epoch ms); it is shown, and nobody judges it. `steady` reaches from there, else
 * from the first request, to the first fault's evidence, `fault:<name>` from that fault's evidence to the evidence
 * that it ended (to the end of the load when the end was never proven), `recovery:<name>` from there to the next injection or the
 * end of the load. Faults that overlap make phases that overlap. A fault without evidence has no phase. Evidence that may be late by
 * some time (`withinMs`) counts from the earliest moment that it allows: what fails there failed while the fault was in.
 */
export function cutPhases(
  faults: readonly FaultTimes[],
  load: LoadSpan,
  warmUntil = Number.NEGATIVE_INFINITY,
): Phase[] {
  const proven = faults
    .flatMap((times) => {
      const from = earliestIn(times);
      return from === null ? [] : [{ fault: times.fault, endedAt: times.endedAt, from }];
    })
    .sort((a, b) => a.from - b.from);
  // An injection that left no evidence may still have done something: steady ends there, too.
  const disturbed = faults.map((times) => earliestIn(times) ?? times.injectingAt ?? Number.POSITIVE_INFINITY);
  const undisturbed = Math.min(load.to, ...disturbed);
  const warm = Math.min(warmUntil, undisturbed);
  const phases = [
    ...(warm > load.from ? [phase(WARM_UP, load.from, warm)] : []),
    phase('steady', Math.max(load.from, warm), undisturbed),
  ];
  for (const { fault, from, endedAt } of proven) {
    const ended = endedAt ?? load.to;
    phases.push(phase(`fault:${fault.name}`, from, Math.min(ended, load.to)));
    if (endedAt === null || ended >= load.to) continue;
    const next = proven.find((other) => other.from > ended)?.from ?? load.to;
    phases.push(phase(`recovery:${fault.name}`, ended, Math.min(next, load.to)));
  }
  return phases;
}

/**
 * The phases `fault:<name>+<seconds>s` that objectives ask for: the fault, and at least so long from its evidence on, but not into the next
 * one. What a store's failover does is over within a few hundred requests; what the others notice of it may take longer to tell.
 */
export function stretchedPhases(names: Iterable<string>, phases: readonly Phase[], load: LoadSpan): Phase[] {
  const faults = phases.filter(({ name }) => name.startsWith('fault:'));
  return [...new Set(names)].flatMap((name) => {
    const [fault = '', seconds] = name.split('+');
    const own = faults.find((one) => one.name === fault);
    if (seconds === undefined || own === undefined) return [];
    const next = faults.find(({ from }) => from >= own.to)?.from ?? load.to;
    const atLeast = own.from + Number.parseInt(seconds, 10) * 1000;
    return [phase(name, own.from, Math.max(own.to, Math.min(atLeast, next)))];
  });
}

export function isStretched({ name }: Phase): boolean {
  return name.includes('+');
}

/** When the fault may first have been in, by its evidence; never before squall began to inject. */
export function earliestIn({ injectedAt, injectedPlusMinusMs, injectingAt }: FaultTimes): number | null {
  if (injectedAt === null) return null;
  return Math.min(injectedAt, Math.max(injectedAt - injectedPlusMinusMs, injectingAt ?? injectedAt));
}

/** Where a request counts. */
export interface PhaseIndex {
  /** The indices of the phases that the moment belongs to. */
  at(time: number): readonly number[];
  /** What happens then counts in no phase that is judged, and not in the whole run. */
  isWarmUp(time: number): boolean;
  /**
   * The fault that went in while a request was under way that nothing had disturbed when it started. When that request failed, it
   * was not broken before the injection: it belongs to the fault, and not to the phase in which nothing was broken yet.
   */
  injectionDuring(start: number, end: number): Injection | null;
}

export interface Injection {
  /** Squall began to inject; what comes after may be its effect. */
  readonly beganAt: number;
  /** The effect may have been there: here the fault's phase begins. */
  readonly injectedAt: number;
}

export function indexPhases(phases: readonly Phase[], faults: readonly FaultTimes[]): PhaseIndex {
  const cuts = [...new Set(phases.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const members = cuts.map((cut) =>
    phases.flatMap(({ from, to }, i) => (from <= cut && cut < to ? [i] : [])),
  );
  const inFault = cuts.map((cut) =>
    phases.some(
      (one) => one.name.startsWith('fault:') && !isStretched(one) && one.from <= cut && cut < one.to,
    ),
  );
  const injections = faults
    .flatMap((f) => {
      const injectedAt = earliestIn(f);
      return injectedAt === null
        ? []
        : [{ beganAt: Math.min(f.injectingAt ?? injectedAt, injectedAt), injectedAt }];
    })
    .sort((a, b) => a.injectedAt - b.injectedAt);
  const segment = (time: number) => {
    let i = cuts.length - 1;
    while (i >= 0 && (cuts[i] as number) > time) i--;
    return i;
  };
  const warmUntil = phases.find(({ name }) => name === WARM_UP)?.to ?? Number.NEGATIVE_INFINITY;
  return {
    isWarmUp: (time) => time < warmUntil,
    at: (time) => members[segment(time)] ?? NONE,
    injectionDuring(start, end) {
      if (injections.length === 0 || inFault[segment(start)]) return null;
      for (const injection of injections) {
        if (start < injection.injectedAt) return end >= injection.beganAt ? injection : null;
      }
      return null;
    },
  };
}

const NONE: readonly number[] = [];

function phase(name: string, from: number, to: number): Phase {
  return { name, from, to: Math.max(from, to) };
}
