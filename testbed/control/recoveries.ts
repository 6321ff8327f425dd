import { Counter, type Registry } from 'prom-client';

/** Counts whether what the control loop did to bring something back did bring it back. */
export interface Recoveries {
  /** Something is done to bring it back; once more for the same one is the same recovery. */
  begin(instance: string): void;
  /** It answers: what was done has helped. */
  well(instance: string): void;
  /** A person was called: what was done has not helped. */
  escalated(instance: string): void;
  /** Once a round: what is not back in time has failed, though nobody has called for help. */
  giveUp(): void;
}

/** What is promised for a recovery (auto-recovery in TARGETS.yaml). */
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
  // So that "none" is on the page, too: what is not there could as well be called something else.
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
