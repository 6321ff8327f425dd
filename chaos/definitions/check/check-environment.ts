import { samePort } from '../../fields/host-port.ts';
import { factsOf } from '../../providers/definitions.ts';
import type { Environment } from '../../schema/environment.ts';
import { type DefinitionIssue, issueAt } from '../issues/definition-error.ts';
import { describeValue } from '../issues/inert.ts';
import type { Loaded } from '../issues/source.ts';
import { suggestOrList } from '../issues/suggest.ts';
import { badReferences } from '../secrets/secret-references.ts';

/** What is wrong in an environment beyond its schema. Pure. */
export function checkEnvironment(loaded: Loaded<Environment>): DefinitionIssue[] {
  return [
    ...unknownAllowed(loaded),
    ...withoutAccount(loaded),
    ...sharedIdentities(loaded),
    ...badReferences(loaded),
  ];
}

function unknownAllowed(loaded: Loaded<Environment>): DefinitionIssue[] {
  const { allow, components } = loaded.value;
  const issues: DefinitionIssue[] = [];
  for (const [i, name] of (allow?.components ?? []).entries()) {
    if (Object.hasOwn(components, name)) continue;
    issues.push(
      issueAt(loaded, ['allow', 'components', i], {
        rule: 'no such component in this environment',
        value: describeValue(name),
        fix: suggestOrList(name, Object.keys(components)),
      }),
    );
  }
  return issues;
}

/** A drill on AWS never goes wherever the shell happens to be logged in. */
function withoutAccount(loaded: Loaded<Environment>): DefinitionIssue[] {
  const { aws, components } = loaded.value;
  const [name] = Object.entries(components).find(([, { provider }]) => provider === 'aws') ?? [];
  if (aws !== undefined || name === undefined) return [];
  return [
    issueAt(loaded, ['components', name, 'provider'], {
      rule: 'a component on AWS needs to know its account',
      fix: 'add `aws: { account: "123456789012", region: eu-central-1 }` at the top',
    }),
  ];
}

/** Two components that are one thing would be counted as two, and undone twice. */
function sharedIdentities(loaded: Loaded<Environment>): DefinitionIssue[] {
  const issues: DefinitionIssue[] = [];
  const owners = new Map<string, string>();
  const alerts = loaded.value.alerts?.listen;
  if (alerts !== undefined && !alerts.endsWith(':0')) owners.set(`port ${samePort(alerts)}`, '`alerts`');
  for (const [name, component] of Object.entries(loaded.value.components)) {
    for (const { what, path, value } of factsOf(component).identities) {
      const owner = owners.get(what);
      if (owner === undefined) owners.set(what, `component "${name}"`);
      else
        issues.push(
          issueAt(loaded, ['components', name, ...path], {
            rule: `${owner} has the same ${what.split(' ')[0]}`,
            value: describeValue(value),
            fix: 'give each its own',
          }),
        );
    }
  }
  return issues;
}
