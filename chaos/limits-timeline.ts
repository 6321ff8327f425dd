import { type DrillFault, faultKinds } from './faults/index.ts';
import { identityOf, type Resolution, type Target } from './provider.ts';
import type { Drill } from './schema/drill.ts';
import type { Environment } from './schema/environment.ts';

export interface LimitRequest {
  readonly environment: Pick<Environment, 'name' | 'allow' | 'components'>;
  readonly drill: Pick<Drill, 'faults'>;
  /** What each fault would hit, by the fault's name, as the providers resolved it just now. */
  readonly resolutions: Readonly<Record<string, Resolution>>;
  /** Names of faults that a person approved on the command line. */
  readonly approve: readonly string[];
}

/** One thing that the environment does not allow, before anything has been touched. */
export interface Refusal {
  /** The fault; undefined for what concerns none, such as an approval of nothing. */
  readonly fault: string | undefined;
  /** What is not allowed. */
  readonly rule: string;
  /** What to add, and where. */
  readonly fix: string;
}

/** How long a component that was hit once (kill, failover) counts as hit, when the drill does not say when it must be back. */
export const ONCE_COUNTS_FOR_MS = 30_000;

/**
 * What holds over the timeline: how many targets are under faults at the same time, and that no component loses its last
 * healthy replica, also not by several faults together. As planned: what is late is looked at again when it is due.
 */
export function countOverTime({ environment, drill, resolutions }: LimitRequest): Refusal[] {
  const refusals: Refusal[] = [];
  const max = environment.allow?.maxTargets ?? 0;
  const targetsOf = (fault: DrillFault): readonly Target[] =>
    Object.hasOwn(resolutions, fault.name) ? (resolutions[fault.name]?.targets ?? []) : [];

  for (const fault of drill.faults) {
    // The number can only grow when a fault begins, so these are the moments to look at.
    const active = drill.faults.filter((other) => isHitAt(other, fault.at));
    const hit = new Set(active.flatMap(targetsOf).map(identityOf));
    if (environment.allow !== undefined && hit.size > max) {
      const others = active.filter((other) => other !== fault).map((other) => other.name);
      refusals.push({
        fault: fault.name,
        rule: `${hit.size} targets would be under faults at the same time${
          others.length > 0 ? ` (with ${others.join(', ')})` : ''
        }, and at most ${max} are allowed`,
        fix: `space the faults, lower \`params.count\`, or raise \`allow.maxTargets\` of the environment "${environment.name}"`,
      });
    }
    const refusal = lastHealthy(fault, active);
    if (refusal !== undefined) refusals.push(refusal);
  }
  return refusals;

  function lastHealthy(fault: DrillFault, active: readonly DrillFault[]): Refusal | undefined {
    if (!takesAway(fault) || allowsLastHealthy(fault)) return undefined;
    const found = Object.hasOwn(resolutions, fault.name) ? resolutions[fault.name] : undefined;
    if (found === undefined || !targetsOf(fault).some((target) => target.healthy)) return undefined;
    const gone = active.filter((other) => other.component === fault.component && takesAway(other));
    const hit = new Set(
      gone
        .flatMap(targetsOf)
        .filter((target) => target.healthy)
        .map(identityOf),
    );
    if (hit.size < found.healthy) return undefined;
    return {
      fault: fault.name,
      rule: `it would take the last healthy replica of "${fault.component}" (${found.healthy} healthy, ${hit.size} hit)`,
      fix:
        'lastHealthy' in fault.params
          ? 'start more replicas, or say `params: { lastHealthy: true }` in the drill'
          : 'start a standby first: there is nothing to take over',
    };
  }
}

/** Is the fault's component under it at this time, as planned? Until it is back, for faults that happen once. */
export function isHitAt(fault: DrillFault, atMs: number): boolean {
  return fault.at <= atMs && atMs < fault.at + hitForMs(fault);
}

function hitForMs(fault: DrillFault): number {
  return 'for' in fault ? fault.for : (fault.expect.recoverWithin ?? ONCE_COUNTS_FOR_MS);
}

function takesAway({ kind }: DrillFault): boolean {
  return faultKinds[kind].takesAway;
}

function allowsLastHealthy(fault: DrillFault): boolean {
  return 'lastHealthy' in fault.params && fault.params.lastHealthy;
}
