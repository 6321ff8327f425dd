import { existsSync } from 'node:fs';
import path from 'node:path';
import { settingsOf } from '../../../thresholds/k6-settings.ts';
import { packageRoot } from '../../package-root.ts';
import type { Drill, DrillLoad } from '../../schema/drill.ts';
import type { Environment } from '../../schema/environment.ts';
import type { Suite } from '../../schema/suite.ts';
import { DefinitionError, type DefinitionIssue, issueAt } from '../issues/definition-error.ts';
import { describeValue } from '../issues/inert.ts';
import type { Loaded } from '../issues/source.ts';
import { suggest, suggestOrList } from '../issues/suggest.ts';
import { loadRequests, settingsAskedFor } from '../load-requests.ts';

/**
 * The `vars` of a load are settings that its scenario reads: a misspelt one would be ignored without a word. Only scenarios that come with
 * squall are known; what a script of somebody's own reads is not.
 */
export function checkSettings(drill: Loaded<Drill>, cwd: string): Promise<DefinitionIssue[]> {
  return unknownSettings(drill, 'load', drill.value.load, cwd);
}

/** The same for the checks and comparisons of a suite. Its drills have their own. */
export async function checkSuiteSettings(suite: Loaded<Suite>, cwd: string): Promise<DefinitionIssue[]> {
  const { checks, compare } = suite.value;
  const scenarios = checks.map(({ drill, ...check }) => (drill === undefined ? check : null));
  // These are names of requests, not a file of them.
  const compared = compare.map(({ requests: _, ...one }) => one);
  return [
    ...(await unknownSettings(suite, 'checks', scenarios, cwd)),
    ...(await unknownSettings(suite, 'compare', compared, cwd)),
  ];
}

async function unknownSettings(
  source: Loaded<unknown>,
  list: string,
  loads: readonly (SettingsOfLoad | null)[],
  cwd: string,
): Promise<DefinitionIssue[]> {
  const issues: DefinitionIssue[] = [];
  for (const [i, load] of loads.entries()) {
    const known = load === null ? undefined : await knownTo(load, cwd);
    if (load === null || known === undefined) continue;
    for (const name of Object.keys(load.vars)) {
      if (known.includes(name) || OF_K6.test(name)) continue;
      issues.push(
        issueAt(source, [list, i, 'vars', name], {
          rule: `the scenario ${load.scenario ?? 'requests'} has no such setting`,
          value: describeValue(name),
          fix: suggestOrList(name, known, 'settings'),
        }),
      );
    }
  }
  return issues;
}

type SettingsOfLoad = Pick<DrillLoad, 'scenario' | 'script' | 'vars'> & Partial<Pick<DrillLoad, 'requests'>>;

/**
 * Notes on `vars` of the environment that look misspelt. An environment hands its `vars` to all scenarios, so that none of them need know
 * them all: only what is close to a known setting, and none itself, is named.
 */
export async function notesOnSettings(
  drill: Drill,
  environment: Environment,
  cwd: string,
): Promise<string[]> {
  const known = (await Promise.all(drill.load.map((load) => knownTo(load, cwd)))).flatMap((one) => one ?? []);
  const any = new Set([...known, ...Object.values(settingsOf).flat()]);
  return Object.keys(environment.vars).flatMap((name) => {
    const close = any.has(name) || OF_K6.test(name) ? undefined : suggest(name, known);
    return close === undefined
      ? []
      : [`${name} in \`vars\` of the environment is a setting of no scenario here; did you mean ${close}?`];
  });
}

/** Options of k6 and of its runtime. */
const OF_K6 = /^(K6_\w*|GO[A-Z]+)$/;

/** Undefined: a script or a scenario of somebody's own. */
async function knownTo(load: SettingsOfLoad, cwd: string): Promise<readonly string[] | undefined> {
  const scenario = load.scenario ?? (load.script === undefined ? 'requests' : undefined);
  const settings = scenario === undefined ? undefined : settingsOf[scenario];
  if (settings === undefined || isOwn(scenario ?? '', cwd)) return undefined;
  if (load.requests === undefined) return settings;
  // What is wrong in the file has been said, or will be.
  const asked = await loadRequests(load.requests).then(
    ({ value }) => settingsAskedFor(value),
    (error: unknown) => {
      if (error instanceof DefinitionError) return [];
      throw error;
    },
  );
  return [...settings, ...asked];
}

/** A repository may have a scenario of the same name, which wins. */
function isOwn(scenario: string, cwd: string): boolean {
  if (path.resolve(cwd) === packageRoot()) return false;
  return [`scenarios/${scenario}.ts`, `build/${scenario}.js`].some((file) =>
    existsSync(path.join(cwd, file)),
  );
}
