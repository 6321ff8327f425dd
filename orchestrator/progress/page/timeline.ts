import type { JournalEvent } from '../../journal/events.ts';
import { unableStretches } from '../../judge/machine.ts';
import { lostTimeOf } from '../../machine/lost-time.ts';
import type { Stall } from '../../machine/reading.ts';
import { alertTitle } from '../../report/facts.ts';
import type { Bar, Lane, Mark } from '../../report/html/timeline-data.ts';
import { plain } from '../../report/text/plain.ts';
import type { LiveFault, LiveState } from '../state.ts';
import type { LiveTimeline } from './message.ts';

/** Alerts, stops, and what the machine was not able to measure, as they come. Bounded, whatever comes. */
export interface Marks {
  event(event: JournalEvent, at: number): void;
  /** Seconds after `zeroMs`. */
  read(zeroMs: number): Pick<LiveTimeline, 'marks' | 'unable'>;
}

/** A storm of alerts is one mark a second, and of long storms the newest. */
const MAX_MARKS = 200;
const MAX_UNABLE = 3_600;
/** A stall is told of when it is over, up to so many seconds late. */
const OPEN_SECONDS = 30;

export function createMarks(): Marks {
  const marks = new Map<string, { kind: Mark['kind']; at: number; title: string; count: number }>();
  let recent: { second: number; stalls: readonly Stall[] }[] = [];
  /** Seconds after the epoch. */
  const unable = new Set<number>();

  function mark(key: string, kind: Mark['kind'], at: number, title: string): void {
    const known = marks.get(key);
    if (known !== undefined) known.count += 1;
    else marks.set(key, { kind, at, title, count: 1 });
    const [oldest] = marks.keys();
    if (marks.size > MAX_MARKS && oldest !== undefined) marks.delete(oldest);
  }

  function machine(second: number, stalls: readonly Stall[]): void {
    recent = [...recent.filter((one) => one.second > second - OPEN_SECONDS), { second, stalls }];
    for (const { from, to } of unableStretches(lostTimeOf(recent.flatMap((one) => one.stalls))))
      for (let one = from / 1000; one < to / 1000; one++) unable.add(one);
    for (const oldest of unable) {
      if (unable.size <= MAX_UNABLE) break;
      unable.delete(oldest);
    }
  }

  return {
    event(event, at) {
      if (event.type === 'machine') machine(event.second, event.stalls);
      else if (event.type === 'stopped') mark('stop', 'stop', at, `stopped: ${event.cause}`);
      else if (event.type === 'alert') {
        const { receivedAt, status } = event.alert;
        const kind = status === 'firing' ? 'alert' : 'resolved';
        mark(
          `${kind} ${Math.floor(receivedAt / 1000)}`,
          kind,
          receivedAt,
          `${alertTitle(event.alert)} ${status}`,
        );
      }
    },
    read: (zeroMs) => ({
      marks: [...marks.values()].map(({ kind, at, title, count }) => ({
        kind,
        at: (at - zeroMs) / 1000,
        label: plain(count === 1 ? title : `${title} and ${count - 1} more`),
      })),
      unable: stretches(unable).map(({ from, to }) => ({
        from: from - zeroMs / 1000,
        to: to - zeroMs / 1000,
      })),
    }),
  };
}

/** Neighbours are one. */
function stretches(seconds: ReadonlySet<number>): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const second of [...seconds].sort((one, other) => one - other)) {
    const last = found.at(-1);
    if (last?.to === second) last.to = second + 1;
    else found.push({ from: second, to: second + 1 });
  }
  return found;
}

/** One lane per fault, as in the report, and above them the phase. @param now seconds after the first sample */
export function lanes(state: LiveState, phase: string, now: number): Lane[] {
  const zeroMs = state.zeroMs ?? 0;
  const seconds = (time: number) => (time - zeroMs) / 1000;
  const inAt = state.faults.flatMap((fault) => (fault.inAt === null ? [] : [seconds(fault.inAt)]));
  const steady: Lane = {
    name: plain(phase),
    label: plain(`phase: ${phase}`),
    bars:
      state.zeroMs === null ? [] : [{ kind: 'steady', from: 0, to: Math.min(now, ...inAt) }, ...recoveries()],
  };
  return [steady, ...state.faults.map((fault) => lane(fault, seconds, now))];

  /** After each fault until the next one goes in: whether all is well again is for the verdict to say. */
  function recoveries(): Bar[] {
    return state.faults.flatMap(({ outAt }): Bar[] => {
      if (outAt === null) return [];
      const from = seconds(outAt);
      return [{ kind: 'recovery', from, to: Math.min(now, ...inAt.filter((at) => at > from)) }];
    });
  }
}

function lane(fault: LiveFault, seconds: (time: number) => number, now: number): Lane {
  const { name, kind, component, stage, inAt, outAt } = fault;
  const label = `${name}: ${kind} ${component}${stage === 'unproven' ? ' (no evidence)' : ''}`;
  const due = fault.at / 1000;
  const planned: Bar = { kind: 'planned', from: due, to: due + (fault.for ?? 1_000) / 1000 };
  const bar: Bar =
    inAt !== null
      ? { kind: 'fault', from: seconds(inAt), to: outAt === null ? now : seconds(outAt) }
      : stage === 'unproven'
        ? { ...planned, kind: 'unproven' }
        : planned;
  return { name: plain(name), label: plain(label), bars: [bar] };
}
