import { refusedByAllow } from '../../limits.ts';
import type { Drill } from '../../schema/drill.ts';
import type { Environment } from '../../schema/environment.ts';
import { type DefinitionIssue, issueAt } from '../issues/definition-error.ts';
import type { Loaded } from '../issues/source.ts';

/** What the environment's `allow` refuses without looking at any target, at its place in the drill. Pure. */
export function checkAllow(drill: Loaded<Drill>, environment: Loaded<Environment>): DefinitionIssue[] {
  return drill.value.faults.flatMap((fault, i) =>
    Object.hasOwn(environment.value.components, fault.component)
      ? refusedByAllow(fault, environment.value).map(({ rule, fix }) =>
          issueAt(drill, ['faults', i], { rule, fix: `${fix} (${environment.shown})` }),
        )
      : [],
  );
}
