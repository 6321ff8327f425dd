import type { RunStarted } from '../orchestrator/journal/events.ts';

/** The beginning of a run's journal, for tests about what comes after it. */
export function runStarted(changes: Partial<RunStarted> = {}): RunStarted {
  return {
    type: 'run-started',
    run: 'r',
    squall: '0.0.0',
    drill: {
      name: 'd',
      load: [],
      steady: { for: 1_000 },
      faults: [],
      objectives: [],
      probes: [],
      stop: [],
    },
    environment: 'lab',
    objectives: [],
    machine: { os: 'test', cpus: 1, memoryMb: 1, node: process.version },
    ...changes,
  };
}
