import picocolors from 'picocolors';
import { count, duration, offset, rate, share } from '../report/text/format.ts';
import { columns, terminalLine } from '../report/text/terminal-text.ts';
import { type LiveFault, type LiveState, phase } from './state.ts';
import { truncate } from './truncate.ts';

export interface BlockLook {
  readonly width: number;
  /** Lines that the block may take at most. */
  readonly height: number;
  readonly color: boolean;
  readonly now: number;
  /** Of the load, where it is known. */
  readonly durationMs: number | null;
}

/** The live block: where the run is, what the load sees, and every fault. No line is wider or taller than the terminal. */
export function renderBlock(state: LiveState, look: BlockLook): string[] {
  const c = picocolors.createColors(look.color);
  const lines = [
    c.bold(`${terminalLine(state.drill || 'squall')} · ${terminalLine(phase(state))}`),
    timeLine(state, look),
    numbersLine(state, look),
    ...(state.alerts === 0 ? [] : [`alerts ${state.alerts}, last: ${terminalLine(state.lastAlert ?? '')}`]),
  ];
  const room = Math.max(1, look.height - lines.length - 1);
  const faults = columns(visible(state.faults, room).map((fault) => faultRow(fault, state, look, c)));
  const left = state.faults.length - faults.length;
  return ['', ...lines, ...faults, ...(left > 0 ? [c.dim(`… ${left} more`)] : [])]
    .slice(0, look.height)
    .map((line) => truncate(line, look.width));
}

/** `1 000/s · p95 108 ms · errors 22 % · dropped 0`; says so when samples stopped coming. */
export function numbersLine(state: LiveState, look: Pick<BlockLook, 'now'>): string {
  const { tick } = state;
  if (tick === null) return 'no samples yet';
  const ageMs = look.now - tick.newestSampleAt;
  const stale = ageMs > STALE_MS && !state.loadEnded ? ` · no samples for ${duration(ageMs)}` : '';
  return `${rate(tick.requestsPerSecond)} · p95 ${duration(tick.p95Ms)} · errors ${share(tick.errorShare)} · dropped ${count(tick.dropped)}${stale}`;
}

/** Samples are at most 2 s old while they come. */
const STALE_MS = 3_000;
const BAR_WIDTH = 20;

function timeLine(state: LiveState, look: BlockLook): string {
  if (state.zeroMs === null) return 'load has not started';
  const elapsed = offset(look.now, state.zeroMs).replace(/\.\d$/, '');
  if (look.durationMs === null) return elapsed;
  const done = Math.min(1, Math.max(0, (look.now - state.zeroMs) / look.durationMs));
  const filled = Math.round(done * BAR_WIDTH);
  return `${elapsed} / ${offset(look.durationMs, 0).replace(/\.\d$/, '')}  ${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${Math.floor(done * 100)} %`;
}

/** All where they fit; else those that are in, then the next ones, then what is over, in the plan's order. */
function visible(faults: readonly LiveFault[], room: number): LiveFault[] {
  if (faults.length <= room) return [...faults];
  const urgency = (fault: LiveFault) => (fault.stage === 'pending' ? 1 : fault.stage === 'out' ? 2 : 0);
  const chosen = new Set(faults.toSorted((a, b) => urgency(a) - urgency(b)).slice(0, Math.max(1, room - 1)));
  return faults.filter((fault) => chosen.has(fault));
}

function faultRow(fault: LiveFault, state: LiveState, look: BlockLook, c: Colors): string[] {
  // On a narrow terminal the times matter more than what the fault is.
  const what = look.width < 76 ? [] : [c.dim(terminalLine(`${fault.kind} ${fault.component}`))];
  const [symbol, word, time] = describe(fault, state, look.now);
  const paint = fault.stage === 'out' ? c.green : fault.stage === 'pending' ? c.dim : c.red;
  return [paint(`${symbol} ${word}`), terminalLine(fault.name), ...what, time];
}

type Colors = ReturnType<typeof picocolors.createColors>;

function describe(
  fault: LiveFault,
  state: LiveState,
  now: number,
): [symbol: string, word: string, time: string] {
  const at = (time: number | null) =>
    time === null || state.zeroMs === null ? '' : offset(time, state.zeroMs);
  switch (fault.stage) {
    case 'pending': {
      if (state.zeroMs === null) return ['○', 'pending', `at ${offset(fault.at, 0)}`];
      return [
        '○',
        'pending',
        `in ${duration(Math.max(0, Math.ceil((state.zeroMs + fault.at - now) / 1000) * 1000))}`,
      ];
    }
    case 'injecting':
      return ['◌', 'injecting', ''];
    case 'in':
      return [
        '▼',
        'IN',
        `since ${at(fault.inAt)}, ${duration(Math.max(0, Math.floor((now - (fault.inAt ?? now)) / 1000) * 1000))}`,
      ];
    case 'reverting':
      return ['◌', 'going', `in at ${at(fault.inAt)}`];
    case 'out':
      return ['▲', 'out', `${at(fault.inAt)} → ${at(fault.outAt)}`];
    case 'unproven':
      return ['?', 'NO EVIDENCE', ''];
  }
}
