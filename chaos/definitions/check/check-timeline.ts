import type { Drill, DrillFault } from '../../schema/drill.ts';
import { type DefinitionIssue, issueAt } from '../issues/definition-error.ts';
import type { Loaded } from '../issues/source.ts';

/** Faults come after the steady state, before the load ends, and not on top of each other. */
export function checkTimeline(
  drill: Loaded<Drill>,
  loadDurationsMs: readonly (number | undefined)[],
): DefinitionIssue[] {
  const { faults, steady, stop } = drill.value;
  const issues: DefinitionIssue[] = [];
  const loadMs = longest(drill.value.load.length, loadDurationsMs);
  const { after = 0 } = steady;
  const steadyEnd = after + steady.for;
  const both = after === 0 ? 'steady.for is' : 'steady.after and steady.for are';
  if (loadMs !== undefined && steadyEnd >= loadMs) {
    issues.push(
      issueAt(drill, ['steady', 'for'], {
        rule: `the steady state${after === 0 ? '' : ' with its warm-up'} takes as long as the load (${seconds(loadMs)})`,
        value: seconds(steadyEnd),
        fix: 'make it shorter, or the load longer',
      }),
    );
  }
  faults.forEach((fault, i) => {
    if (fault.at < steadyEnd) {
      issues.push(
        issueAt(drill, ['faults', i, 'at'], {
          rule: `comes before the steady state is over (${both} ${seconds(steadyEnd)})`,
          value: seconds(fault.at),
          fix: `write ${seconds(steadyEnd)} or later`,
        }),
      );
    }
    if (loadMs !== undefined && endOf(fault) >= loadMs) {
      issues.push(
        issueAt(drill, ['faults', i, fault.at >= loadMs ? 'at' : 'for'], {
          rule: `the fault is not inside the load, which ends after ${seconds(loadMs)}`,
          value: `${seconds(fault.at)} to ${seconds(endOf(fault))}`,
          fix: 'make it earlier or shorter, or the load longer (its vars)',
        }),
      );
    }
    const other = faults.find((earlier, j) => j < i && overlap(earlier, fault));
    if (other !== undefined) {
      issues.push(
        issueAt(drill, ['faults', i, 'at'], {
          rule: `overlaps with the fault "${other.name}" on the same component`,
          value: `${seconds(fault.at)} to ${seconds(endOf(fault))}`,
          fix: `start before ${seconds(other.at)} or after ${seconds(endOf(other))}`,
        }),
      );
    }
  });
  stop.forEach((condition, i) => {
    if (!('for' in condition) || loadMs === undefined || condition.for < loadMs) return;
    issues.push(
      issueAt(drill, ['stop', i, 'for'], {
        rule: `can never be reached: the load ends after ${seconds(loadMs)}`,
        value: seconds(condition.for),
        fix: 'write a shorter time',
      }),
    );
  });
  return issues;
}

/** The drill lasts as long as its longest load; not known as long as one of them is not. */
function longest(loads: number, durationsMs: readonly (number | undefined)[]): number | undefined {
  const known = durationsMs.slice(0, loads).filter((ms) => ms !== undefined);
  return known.length === loads && loads > 0 ? Math.max(...known) : undefined;
}

function endOf(fault: DrillFault): number {
  return fault.at + ('for' in fault ? fault.for : 0);
}

/** Kinds that happen once take the instant at which they happen. */
function overlap(a: DrillFault, b: DrillFault): boolean {
  if (a.component !== b.component) return false;
  return a.at === b.at || (a.at < b.at ? b.at < endOf(a) : a.at < endOf(b));
}

function seconds(ms: number): string {
  return ms % 1000 === 0 || ms >= 100_000 ? `${Math.round(ms / 1000)}s` : `${Number(ms.toFixed(3))}ms`;
}
