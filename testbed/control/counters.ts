import { Counter, type Registry } from 'prom-client';

/** What the control loop does, as its page of metrics tells it. */
export interface Counters {
  action(outcome: 'done' | 'failed' | 'suppressed'): void;
  /** A try to restart something. */
  attempt(): void;
}

export function createCounters(registry: Registry): Counters {
  const actions = new Counter({
    name: 'control_actions_total',
    help: 'Automatic actions by outcome; suppressed: kept back by the kill switch, once for each incident',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const tries = new Counter({
    name: 'control_restart_tries_total',
    help: 'Tries to restart something',
    registers: [registry],
  });
  // So that zeros are on the page, too: a missing metric could just as well have another name.
  for (const outcome of ['done', 'failed', 'suppressed']) actions.inc({ outcome }, 0);
  return { action: (outcome) => actions.inc({ outcome }), attempt: () => tries.inc() };
}
