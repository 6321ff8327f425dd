import type { Drill } from '../../schema/drill.ts';
import type { Environment } from '../../schema/environment.ts';
import type { DefinitionIssue } from '../issues/definition-error.ts';
import type { Loaded } from '../issues/source.ts';
import { checkInEnvironment } from './check-in-environment.ts';
import { checkNames } from './check-names.ts';
import { checkAgain } from './check-pace.ts';
import { checkTimeline } from './check-timeline.ts';

/**
 * Everything that can be said about a drill without touching anything: by itself, with the environment when there is one, and
 * with the planned duration of each load (milliseconds, in the order of `load:`; undefined where it is not known). Pure.
 * `refuseIf(checkDrill(…))` throws.
 */
export function checkDrill(
  drill: Loaded<Drill>,
  environment?: Loaded<Environment>,
  loadDurationsMs: readonly (number | undefined)[] = [],
): DefinitionIssue[] {
  const issues = [
    ...checkNames(drill),
    ...checkTimeline(drill, loadDurationsMs),
    ...(environment === undefined ? [] : checkInEnvironment(drill, environment)),
    ...(environment === undefined ? [] : checkAgain(drill, environment.value)),
  ];
  return issues.sort((a, b) => a.line - b.line || a.column - b.column);
}
