import type { LiveFault, LiveState } from '../state.ts';
import type { Awaited } from './message.ts';

/** What squall waits for, in words, and until when where that is known. The next fault is the last to be named. */
export function waitsFor(state: LiveState, durationMs: number | null): Awaited[] {
  const { zeroMs, faults } = state;
  if (state.stopped !== null) return [until('everything is undone, then the verdict')];
  if (zeroMs === null) {
    if (state.loadEnded) return [until('the verdict: the load ended without a sample')];
    return [
      until(state.loadsRunning > 0 ? 'the first sample of the load' : 'the target: it is being made ready'),
    ];
  }
  const now = faults.flatMap(underWay);
  if (state.loadEnded)
    return [...now, until(now.length > 0 ? 'probes and writes' : 'probes, writes and the verdict')];
  const next = faults
    .filter((fault) => fault.stage === 'pending')
    .toSorted((one, other) => one.at - other.at)
    .at(0);
  if (next !== undefined) {
    const first = faults.every((fault) => fault.stage === 'pending');
    const what = `${next.name} (${next.kind} ${next.component})`;
    return [...now, until(first ? `${what}, if the steady state holds until then` : what, zeroMs + next.at)];
  }
  return [...now, until('the end of the load', durationMs === null ? null : zeroMs + durationMs)];
}

function underWay(fault: LiveFault): Awaited[] {
  const { name, component, stage } = fault;
  if (stage === 'injecting') return [until(`evidence that ${name} took effect`)];
  if (stage === 'reverting') return [until(`evidence that ${name} is out and ${component} is back`)];
  if (stage !== 'in') return [];
  if (fault.for === undefined) return [until(`${component} to come back after ${name}`)];
  return [until(`the end of ${name}`, fault.inAt === null ? null : fault.inAt + fault.for)];
}

function until(text: string, time: number | null = null): Awaited {
  return { text, until: time };
}
