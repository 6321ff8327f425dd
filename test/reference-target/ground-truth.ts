import type { DrillFault } from '../../chaos/schema/drill.ts';
import type { JournalEvent } from '../../orchestrator/journal/events.ts';
import type { FaultResult } from '../../orchestrator/verdict.types.ts';
import { gapsOf } from './gaps.ts';
import type { RawRequest } from './raw-requests.ts';
import type { TargetRecord } from './reference-target.ts';

/** An outage as its users saw it: one or more stretches in which the target did not answer well. */
export interface TrueFault {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly downtimeMs: number;
  /** The separate stretches, each with two ends that can be off. None: it was slow, but everybody got an answer. */
  readonly outages: number;
}

/** Windows of the same name belong to one fault. `apart`: they are separate outages, and the time between them is not downtime. */
export function truthOf(record: TargetRecord, apart: ReadonlySet<string> = new Set()): TrueFault[] {
  const names = [...new Set(record.windows.map((w) => w.name))];
  return names.map((name) => {
    const own = record.windows.filter((w) => w.name === name).sort((a, b) => a.from - b.from);
    const from = own[0]?.from ?? 0;
    const to = own.at(-1)?.to ?? 0;
    if (own.every((w) => w.mode === 'delay')) return { name, from, to, downtimeMs: 0, outages: 0 };
    const downtimeMs = apart.has(name) ? own.reduce((sum, w) => sum + w.to - w.from, 0) : to - from;
    return { name, from, to, downtimeMs, outages: apart.has(name) ? own.length : 1 };
  });
}

/** The faults as a drill would have them, and their journal; the evidence is the target's own record. */
export function journaled(truth: readonly TrueFault[]): {
  faults: DrillFault[];
  events: { at: number; event: JournalEvent }[];
} {
  const faults = truth.map(
    ({ name }): DrillFault => ({
      name,
      kind: 'kill',
      component: 'target',
      at: 0,
      expect: {},
      params: { count: 1 } as never,
    }),
  );
  const events = truth.flatMap(({ name, from, to }): { at: number; event: JournalEvent }[] => [
    { at: from - 1, event: { type: 'fault-injecting', fault: name, targets: ['target'], dueAt: from - 1 } },
    { at: from, event: { type: 'fault-injected', fault: name, evidence: { at: from, seen: ['scripted'] } } },
    { at: to, event: { type: 'fault-ended', fault: name, evidence: { at: to, seen: ['scripted'] } } },
  ]);
  return { faults, events };
}

/** Every difference between measurement and truth that is larger than allowed; empty when all is well. */
export function differences(
  measured: readonly FaultResult[],
  truth: readonly TrueFault[],
  toleranceMs: (name: string) => number,
): string[] {
  return truth.flatMap(({ name, from, to, downtimeMs, outages }) => {
    const fault = measured.find((one) => one.name === name);
    if (fault === undefined) return [`${name}: not measured`];
    const bound = toleranceMs(name);
    const check = (what: string, value: number | null, expected: number, within = bound) => {
      const off = value === null ? Number.NaN : value - expected;
      return Math.abs(off) <= within
        ? []
        : [`${name}: ${what} is off by ${off.toFixed(1)} ms (bound ${within} ms)`];
    };
    if (outages === 0) {
      const clean = fault.downtimeMs === 0 && fault.firstBadAt === null;
      return clean ? [] : [`${name}: down for ${fault.downtimeMs} ms, though every request was answered`];
    }
    return [
      ...check('downtime', fault.downtimeMs, downtimeMs, bound * outages),
      ...check('first bad', timeOf(fault.firstBadAt), from),
      ...check('recovered', timeOf(fault.recoveredAt), to),
    ];
  });
}

/**
 * The larger of 5 ms and the gap between two requests that can tell (with one of three replicas down, only every third can). The gap
 * is the scheduled one or, if the machine was busy, the real one where the outage began and ended.
 */
export function boundOf(
  rate: number,
  requests: readonly RawRequest[],
  truth: readonly TrueFault[],
): (name: string) => number {
  const gapAround = (time: number) => {
    const near = requests.map((r) => r.start).filter((start) => Math.abs(start - time) < 100);
    return Math.max(0, ...gapsOf(near).map(({ from, to }) => to - from));
  };
  return (name) => {
    const { from = 0, to = 0 } = truth.find((t) => t.name === name) ?? {};
    const gap = Math.max(1000 / rate, gapAround(from), gapAround(to));
    return Math.max(5, gap * (name === 'one-of-three' ? 3 : 1));
  };
}

function timeOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}
