import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../package-root.ts';
import type { Drill } from '../../schema/drill.ts';
import { type DefinitionIssue, issueAt } from '../issues/definition-error.ts';
import { describeValue } from '../issues/inert.ts';
import type { Loaded } from '../issues/source.ts';
import { suggestOrList } from '../issues/suggest.ts';

/** Scenarios and sets of objectives that a drill names are there: in the working directory, else in the package. Reads only. */
export function checkReferences(drill: Loaded<Drill>, cwd: string): DefinitionIssue[] {
  const issues: DefinitionIssue[] = [];
  const scenarios = [...named(cwd, 'scenarios', /\.ts$/), ...named(cwd, 'build', /\.js$/)];
  const sets = named(cwd, 'thresholds', /\.[jt]s$/);
  drill.value.load.forEach(({ scenario }, i) => {
    if (scenario === undefined || scenarios.includes(scenario)) return;
    issues.push(
      issueAt(drill, ['load', i, 'scenario'], {
        rule: 'there is no such scenario in scenarios/ or build/',
        value: describeValue(scenario),
        fix: suggestOrList(scenario, [...new Set(scenarios)], 'scenarios'),
      }),
    );
  });
  drill.value.objectives.forEach((objective, i) => {
    if (!('use' in objective) || sets.includes(objective.use)) return;
    issues.push(
      issueAt(drill, ['objectives', i, 'use'], {
        rule: 'there is no such set of objectives in thresholds/',
        value: describeValue(objective.use),
        fix: suggestOrList(objective.use, [...new Set(sets)], 'sets'),
      }),
    );
  });
  return issues;
}

/** Names of the files in a folder of the working directory and of the package, without tests and types. */
function named(cwd: string, folder: string, extension: RegExp): string[] {
  return [cwd, packageRoot()]
    .map((root) => path.join(root, folder))
    .filter((directory) => existsSync(directory))
    .flatMap((directory) => readdirSync(directory))
    .filter((file) => extension.test(file) && !/\.(test|d)\.[jt]s$/.test(file))
    .map((file) => file.replace(extension, ''))
    .filter((name) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(name));
}
