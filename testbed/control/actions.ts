import { existsSync } from 'node:fs';
import { paths } from '../lib/testbed.ts';
import { openAudit } from './audit.ts';
import type { Control } from './context.ts';
import type { Counters } from './counters.ts';
import type { Recoveries } from './recoveries.ts';

const maxTries = 3;

interface Tries {
  /** They count until it has been well for a while. */
  count: number;
  /** Those since it was well for the last time. */
  sinceWell: number;
  wellSince: number | undefined;
  escalated: boolean;
}

/** Every automatic action of the control loop goes through here, past the kill switch and into the audit log. */
export function createActions(
  parts: Omit<Control, 'act' | 'retry' | 'well'>,
  recoveries: Recoveries,
  counters: Counters,
): Control {
  const audit = openAudit(paths(parts.testbed.dir).audit);
  const tries = new Map<string, Tries>();
  const suppressed = new Set<string>();

  const act: Control['act'] = async ({ action, component, instance, correlationId, recovers }, work) => {
    const logsIds = !parts.settings()['log-without-ids'];
    const entry = { action: `${action} ${instance}`, component, correlationId };
    const shown = logsIds ? entry : { action: entry.action, component };
    // Checked before each action, not once a round, so that the switch stops the rest of the round.
    if (existsSync(paths(parts.testbed.dir).killSwitch) && !parts.settings()['ignore-kill-switch']) {
      const key = `${entry.action} ${correlationId}`;
      if (!suppressed.has(key)) {
        audit({ ...entry, outcome: 'not done: the kill switch is on' });
        counters.action('suppressed');
      }
      suppressed.add(key);
      return false;
    }
    if (recovers === true) recoveries.begin(instance);
    try {
      await work();
      audit({ ...entry, outcome: 'done' });
      counters.action('done');
      parts.log.info(shown, 'action done');
      return true;
    } catch (error) {
      audit({ ...entry, outcome: `failed: ${(error as Error).message}` });
      counters.action('failed');
      parts.log.error({ err: error, ...shown }, 'action failed');
      return false;
    }
  };

  /** Whoever is called restarts it by hand: no action of the control loop. */
  function callPerson(work: () => Promise<unknown> | unknown): void {
    const afterMs = parts.settings()['restart-by-hand-after-ms'];
    if (afterMs === 0) return;
    setTimeout(() => void Promise.resolve(work()).catch(() => {}), afterMs).unref();
  }

  function helps(instance: string, nth: number): boolean {
    const { 'restart-fails': fails, 'restart-helps-at': helpsAt } = parts.settings();
    return fails !== instance || (helpsAt > 0 && nth >= helpsAt);
  }

  return {
    ...parts,
    act,
    async retry(action, work) {
      if (parts.settings()['never-restart']) return false;
      const made = tries.get(action.instance) ?? {
        count: 0,
        sinceWell: 0,
        wellSince: undefined,
        escalated: false,
      };
      tries.set(action.instance, made);
      made.wellSince = undefined;
      if (made.count >= maxTries && !parts.settings()['endless-tries']) {
        if (!made.escalated) {
          recoveries.escalated(action.instance);
          callPerson(work);
        }
        made.escalated = true;
        parts.incidents.fire(`${action.instance}:escalated`, {
          alertname: 'Escalated',
          component: action.component,
          instance: action.instance,
          severity: 'critical',
          summary: `escalated: ${maxTries} tries to ${action.action} ${action.instance} did not help, a person has to look`,
        });
        return false;
      }
      return act(
        { ...action, action: `${action.action} (try ${made.count + 1} of ${maxTries})`, recovers: true },
        async () => {
          made.count += 1;
          made.sinceWell += 1;
          counters.attempt();
          if (helps(action.instance, made.sinceWell)) await work();
        },
      );
    },
    well(instance) {
      parts.incidents.resolve(`${instance}:escalated`);
      recoveries.well(instance);
      const made = tries.get(instance);
      if (made === undefined) return;
      made.escalated = false;
      made.sinceWell = 0;
      made.wellSince ??= performance.now();
      const wellForMs = performance.now() - made.wellSince;
      if (wellForMs >= parts.settings()['forget-tries-after-ms']) tries.delete(instance);
    },
  };
}
