import type { Suite } from '../../schema/suite.ts';
import { type DefinitionIssue, issueAt } from '../issues/definition-error.ts';
import { describeValue } from '../issues/inert.ts';
import type { Loaded } from '../issues/source.ts';

/** What a suite must be in itself: each check and each comparison has its own name, because a report and a run are called by it. */
export function checkSuite(suite: Loaded<Suite>): DefinitionIssue[] {
  const seen = new Map<string, number>();
  const issues: DefinitionIssue[] = [];
  for (const part of ['checks', 'compare'] as const)
    for (const [i, { name, ...rest }] of suite.value[part].entries()) {
      const path = [part, i, 'name'];
      const first = seen.get(name);
      if (first !== undefined)
        issues.push(
          issueAt(suite, path, {
            rule: `another part of the suite has this name (line ${first})`,
            value: describeValue(name),
            fix: 'give each its own name',
          }),
        );
      else seen.set(name, suite.placeOf(path).line);
      for (const [variable, value] of Object.entries(rest.vars)) {
        if (!value.includes('${env:')) continue;
        issues.push(
          issueAt(suite, [part, i, 'vars', variable], {
            rule: 'a suite holds no secrets: it runs on every environment',
            fix: `move ${variable} to \`vars\` of the environment`,
          }),
        );
      }
    }
  return issues;
}
