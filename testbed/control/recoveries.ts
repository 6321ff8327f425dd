import { Counter, type Registry } from 'prom-client';

/** Counts whether the control loop's actions brought something back. */
export interface Recoveries {
  /** Something is being done to bring it back. Another try for the same one belongs to the same recovery. */
  begin(instance: string): void;
  /** It answers: the recovery succeeded. */
  well(instance: string): void;
  /** A person was called: the recovery failed. */
  escalated(instance: string): void;
  /** Once a round: recoveries that take too long have failed, although nobody was called. */
  giveUp(): void;
}

/** The limit for a recovery (auto-recovery in the register). */
const patienceMs = 5 * 60_000;

export function createRecoveries(registry: Registry, now = () => performance.now()): Recoveries {
  const recoveries = new Counter({
    name: 'control_recoveries_total',
    help: 'Recoveries that were tried and have ended, by outcome; failed: a person was called, or not back within 5 minutes',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const escalations = new Counter({
    name: 'control_escalations_total',
    help: 'Times that a person was called, since all tries had been made',
    registers: [registry],
  });
  // So that zeros are on the page, too: a missing metric could just as well have another name.
  for (const outcome of ['succeeded', 'failed']) recoveries.inc({ outcome }, 0);
  const since = new Map<string, number>();
  return {
    begin(instance) {
      if (!since.has(instance)) since.set(instance, now());
    },
    well(instance) {
      if (since.delete(instance)) recoveries.inc({ outcome: 'succeeded' });
    },
    escalated(instance) {
      since.delete(instance);
      recoveries.inc({ outcome: 'failed' });
      escalations.inc();
    },
    giveUp() {
      for (const [instance, at] of since) {
        if (now() - at <= patienceMs) continue;
        since.delete(instance);
        recoveries.inc({ outcome: 'failed' });
      }
    },
  };
}
