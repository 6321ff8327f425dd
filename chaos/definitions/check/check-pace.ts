import type { Pace } from '../../providers/definition.ts';
import { factsOf } from '../../providers/definitions.ts';
import type { Drill, DrillFault } from '../../schema/drill.ts';
import type { Environment } from '../../schema/environment.ts';
import { type DefinitionIssue, issueAt } from '../issues/definition-error.ts';
import type { Loaded } from '../issues/source.ts';

/**
 * Faults that cannot be judged because the load would be over before they are felt. `loadMs`: how long the longest load is planned to
 * last; undefined where that is not known. Pure.
 */
export function checkPace(
  drill: Loaded<Drill>,
  environment: Environment,
  loadMs: number | undefined,
): DefinitionIssue[] {
  if (loadMs === undefined) return [];
  return drill.value.faults.flatMap((fault, i) => {
    const pace = paceOf(fault, environment);
    if (pace === undefined || fault.at + pace.leastMs <= loadMs) return [];
    const needed = seconds(fault.at + pace.leastMs);
    return [
      issueAt(drill, ['faults', i, 'at'], {
        rule: `the load ends ${seconds(loadMs - fault.at)} after this fault, and a ${fault.kind} of "${fault.component}" takes ${seconds(pace.leastMs)} and more`,
        value: seconds(fault.at),
        fix: `make the load at least ${needed} long (its vars), better ${seconds(fault.at + pace.mostMs)}`,
      }),
    ];
  });
}

/** Faults that the provider would not carry out, because an earlier one of the same thing has not settled. Pure. */
export function checkAgain(drill: Loaded<Drill>, environment: Environment): DefinitionIssue[] {
  const { faults } = drill.value;
  return faults.flatMap((fault, i) => {
    const again = paceOf(fault, environment)?.again;
    if (again === undefined) return [];
    const { afterMs } = again;
    const before = faults.filter(
      (other, j) =>
        isBefore(other, j, fault, i) && settles(other, environment) === settles(fault, environment),
    );
    const [latest] = before.sort((a, b) => b.at - a.at);
    if (latest === undefined || fault.at - latest.at >= afterMs) return [];
    return [
      issueAt(drill, ['faults', i, 'at'], {
        rule: `comes ${seconds(fault.at - latest.at)} after "${latest.name}", and until ${seconds(afterMs)} have passed ${again.of ?? `"${fault.component}"`} is not made to fail over again`,
        value: seconds(fault.at),
        fix: `write ${seconds(latest.at + afterMs)} or later, or make two drills of it`,
      }),
    ];
  });
}

function isBefore(other: DrillFault, j: number, fault: DrillFault, i: number): boolean {
  return other.at < fault.at || (other.at === fault.at && j < i);
}

/** What has to have settled before it can be hit again. */
function settles(fault: DrillFault, environment: Environment): string {
  return paceOf(fault, environment)?.again?.of ?? `component ${fault.component}`;
}

/** What a reader of the plan should know: promises that suit only a quicker place, and loads that may end too soon. */
export function notesOnPace(drill: Drill, environment: Environment, loadMs: number | undefined): string[] {
  return drill.faults.flatMap((fault) => {
    const pace = paceOf(fault, environment);
    return pace === undefined ? [] : notesOn(fault, pace, drill, loadMs);
  });
}

function notesOn(
  { name, at, component, expect }: DrillFault,
  { mostMs, downtimeMs }: Pace,
  { faults }: Drill,
  loadMs: number | undefined,
): string[] {
  const notes: string[] = [];
  const usual = `${seconds(downtimeMs.from)} to ${seconds(downtimeMs.to)} of downtime are usual for "${component}"`;
  for (const promise of ['downtimeBelow', 'recoverWithin'] as const) {
    const bound = expect[promise];
    if (bound !== undefined && bound < downtimeMs.to) {
      notes.push(`${name}: ${promise} ${seconds(bound)} suits a local environment, ${usual}`);
    }
  }
  if (loadMs !== undefined && loadMs < at + mostMs) {
    notes.push(
      `${name}: it may take up to ${seconds(mostMs)}, and the load ends ${seconds(loadMs - at)} after it: then nothing is proven`,
    );
  }
  const next = faults.find((other) => other.at > at && other.at < at + mostMs);
  if (next !== undefined) {
    notes.push(
      `${name}: it may take up to ${seconds(mostMs)}, and ${next.name} comes ${seconds(next.at - at)} after it: what fails from then on counts to ${next.name}`,
    );
  }
  return notes;
}

/** Nobody knows the pace of a stand-in, which is what an endpoint names. */
function paceOf(fault: DrillFault, { components, aws }: Environment): Pace | undefined {
  const component = Object.hasOwn(components, fault.component) ? components[fault.component] : undefined;
  if (component === undefined || aws?.endpoint !== undefined) return undefined;
  return factsOf(component).pace?.(fault);
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)}s`;
}
