import type { Component, Environment } from '../../schema/environment.ts';
import { type DefinitionIssue, issueAt } from '../issues/definition-error.ts';
import { describeValue } from '../issues/inert.ts';
import type { Loaded, Path } from '../issues/source.ts';
import { suggestOrList } from '../issues/suggest.ts';
import { badReferences } from '../secrets/secret-references.ts';

/** What is wrong in an environment beyond its schema. Pure. */
export function checkEnvironment(loaded: Loaded<Environment>): DefinitionIssue[] {
  return [...unknownAllowed(loaded), ...sharedIdentities(loaded), ...badReferences(loaded)];
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

/** Two components that are one thing would be counted as two, and undone twice. */
function sharedIdentities(loaded: Loaded<Environment>): DefinitionIssue[] {
  const issues: DefinitionIssue[] = [];
  const owners = new Map<string, string>();
  const alerts = loaded.value.alerts?.listen;
  if (alerts !== undefined && !alerts.endsWith(':0')) owners.set(`port ${port(alerts)}`, '`alerts`');
  for (const [name, component] of Object.entries(loaded.value.components)) {
    for (const { what, path, value } of identities(component)) {
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

interface Identity {
  readonly what: string;
  readonly path: Path;
  readonly value: string;
}

function identities(component: Component): Identity[] {
  if (component.provider !== 'local') return [];
  const { process, link, postgres, redis } = component;
  const files: { path: Path; value: string }[] = [];
  if (process?.pidFile !== undefined) files.push({ path: ['process', 'pidFile'], value: process.pidFile });
  process?.pidFiles?.forEach((value, i) => {
    files.push({ path: ['process', 'pidFiles', i], value });
  });
  postgres?.nodes.forEach((node, i) => {
    files.push({ path: ['postgres', 'nodes', i, 'pidFile'], value: node.pidFile });
  });
  redis?.nodes.forEach((node, i) => {
    files.push({ path: ['redis', 'nodes', i, 'pidFile'], value: node.pidFile });
  });
  const all: Identity[] = files.map((file) => ({
    ...file,
    what: `pidFile ${file.value.replace(/^(\.\/)+/, '')}`,
  }));
  if (link !== undefined && !link.listen.endsWith(':0')) {
    all.push({ what: `port ${port(link.listen)}`, path: ['link', 'listen'], value: link.listen });
  }
  return all;
}

/** Ports on different loopback addresses do not collide; the address counts, except that localhost is 127.0.0.1. */
function port(address: string): string {
  return address.replace(/^localhost:/, '127.0.0.1:');
}
