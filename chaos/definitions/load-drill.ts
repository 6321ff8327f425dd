import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Drill, drill } from '../schema/drill.ts';
import { checkDrill } from './check/check-drill.ts';
import { checkJsonPaths } from './check/check-json-paths.ts';
import { DefinitionError, type DefinitionIssue, issueAt, refuseIf } from './issues/definition-error.ts';
import { describeValue } from './issues/inert.ts';
import type { Loaded } from './issues/source.ts';
import { loadRequests } from './load-requests.ts';
import { applySchema, type Parsed, parseDefinition } from './read/load-definition.ts';
import { changedVariables, type Variables, withVariables } from './read/variables.ts';

export interface LoadedDrill extends Loaded<Drill> {
  /** Variables that have another value than in the file. Left out: none. */
  readonly changed?: Variables;
}

/**
 * Reads a drill: checked against the schema and in itself; `script:` paths are absolute afterwards, and `vars` (other values of its
 * variables) are filled in. What needs an environment is checked by `checkDrill`, what needs real targets by `checkLimits`.
 * @throws DefinitionError with everything that is wrong
 */
export async function loadDrill(file: string, vars: Variables = {}): Promise<LoadedDrill> {
  return toDrill(await parseDefinition(file), vars);
}

/** The same, from a text that has been parsed. @throws DefinitionError */
export async function toDrill(parsed: Parsed, vars: Variables = {}): Promise<LoadedDrill> {
  const loaded = applySchema(drill, withVariables(parsed, vars));
  const directory = path.dirname(loaded.file);
  const load = loaded.value.load.map((one) => ({
    ...one,
    ...(one.script === undefined ? {} : { script: path.resolve(directory, one.script) }),
    ...(one.requests === undefined ? {} : { requests: path.resolve(directory, one.requests) }),
  }));
  const result = { ...loaded, value: { ...loaded.value, load } };
  refuseIf([
    ...checkDrill(result),
    ...(await checkJsonPaths(result)),
    ...(await missingScripts(result)),
    ...(await wrongRequests(result)),
  ]);
  const changed = changedVariables(parsed, vars);
  return Object.keys(changed).length === 0 ? result : { ...result, changed };
}

/** What is wrong in the files of requests themselves is said with their own lines. */
async function wrongRequests(loaded: Loaded<Drill>): Promise<DefinitionIssue[]> {
  const issues: DefinitionIssue[] = [];
  for (const [i, { requests }] of loaded.value.load.entries()) {
    if (requests === undefined) continue;
    if ((await stat(requests).catch(() => undefined))?.isFile() !== true)
      issues.push(
        issueAt(loaded, ['load', i, 'requests'], {
          rule: 'there is no such file of requests',
          value: describeValue(requests),
          fix: 'give its path, relative to this file',
        }),
      );
    else
      await loadRequests(requests).catch((error: unknown) => {
        if (!(error instanceof DefinitionError)) throw error;
        issues.push(...error.issues);
      });
  }
  return issues;
}

async function missingScripts(loaded: Loaded<Drill>): Promise<DefinitionIssue[]> {
  const issues: DefinitionIssue[] = [];
  for (const [i, { script }] of loaded.value.load.entries()) {
    if (script === undefined) continue;
    const found = await stat(script).catch(() => undefined);
    if (found?.isFile() === true) continue;
    const rule = found === undefined ? 'there is no such script' : 'this is not a file';
    issues.push(
      issueAt(loaded, ['load', i, 'script'], {
        rule,
        value: describeValue(script),
        fix: 'give the path of a k6 script, relative to this file',
      }),
    );
  }
  return issues;
}
