import type { JournalEvent } from '../journal/events.ts';
import { alertTitle } from '../report/facts.ts';
import type { LiveTick } from '../samples/types.ts';

/** What the live view needs of a planned fault; times in milliseconds, `at` after the first sample. */
export interface PlannedFault {
  readonly name: string;
  readonly kind: string;
  readonly component: string;
  readonly at: number;
  /** Of faults that last. */
  readonly for?: number;
}

export type FaultStage = 'pending' | 'injecting' | 'in' | 'reverting' | 'out' | 'unproven';

export interface LiveFault extends PlannedFault {
  readonly stage: FaultStage;
  /** Epoch milliseconds, by evidence where there is some. */
  readonly inAt: number | null;
  readonly outAt: number | null;
}

/** Everything that a person watches, as of now. */
export interface LiveState {
  readonly drill: string;
  readonly environment: string;
  /** Epoch milliseconds of the first sample: the zero of every planned time. */
  readonly zeroMs: number | null;
  readonly faults: readonly LiveFault[];
  readonly tick: LiveTick | null;
  readonly alerts: number;
  readonly lastAlert: string | null;
  readonly stopped: string | null;
  readonly loadsRunning: number;
  readonly loadEnded: boolean;
}

export function initialState(faults: readonly PlannedFault[]): LiveState {
  return {
    drill: '',
    environment: '',
    zeroMs: null,
    faults: faults.map((fault) => ({ ...fault, stage: 'pending', inAt: null, outAt: null })),
    tick: null,
    alerts: 0,
    lastAlert: null,
    stopped: null,
    loadsRunning: 0,
    loadEnded: false,
  };
}

export function afterEvent(state: LiveState, event: JournalEvent): LiveState {
  const change = (name: string, to: Partial<LiveFault>): LiveState => ({
    ...state,
    faults: state.faults.map((fault) => (fault.name === name ? { ...fault, ...to } : fault)),
  });
  switch (event.type) {
    case 'run-started':
      return { ...state, drill: event.drill.name, environment: event.environment };
    case 'load-started':
      return { ...state, loadsRunning: state.loadsRunning + 1, loadEnded: false };
    case 'first-sample':
      return { ...state, zeroMs: event.time };
    case 'fault-injecting':
      return change(event.fault, { stage: 'injecting' });
    case 'fault-injected':
      return change(event.fault, { stage: 'in', inAt: event.evidence.at });
    case 'fault-reverting':
      return change(event.fault, { stage: 'reverting' });
    case 'fault-ended':
      return change(event.fault, { stage: 'out', outAt: event.evidence.at });
    case 'fault-unproven':
    case 'fault-end-unproven':
      return change(event.fault, { stage: 'unproven' });
    case 'alert':
      return event.alert.status === 'firing'
        ? { ...state, alerts: state.alerts + 1, lastAlert: alertTitle(event.alert) }
        : state;
    case 'stopped':
      return { ...state, stopped: `${event.cause}: ${event.reason}` };
    case 'load-ended': {
      const loadsRunning = Math.max(0, state.loadsRunning - 1);
      return { ...state, loadsRunning, loadEnded: loadsRunning === 0 };
    }
    default:
      return state;
  }
}

/** The phase as far as it can be known while it lasts; the verdict bounds phases later, by evidence. */
export function phase(state: LiveState): string {
  if (state.stopped !== null) return 'stopping';
  const active = state.faults.filter((fault) => fault.stage === 'in' || fault.stage === 'reverting');
  if (active.length > 0) return active.map((fault) => `fault:${fault.name}`).join(' + ');
  if (state.loadEnded) return 'checking';
  if (state.zeroMs === null) return state.loadsRunning > 0 ? 'waiting for the first sample' : 'starting';
  const last = state.faults
    .filter((fault) => fault.outAt !== null)
    .sort((a, b) => (a.outAt ?? 0) - (b.outAt ?? 0))
    .at(-1);
  return last === undefined ? 'steady' : `recovery:${last.name}`;
}
