import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Drill, drill } from '../schema/drill.ts';
import { checkDrill } from './check/check-drill.ts';
import { checkJsonPaths } from './check/check-json-paths.ts';
import { type DefinitionIssue, issueAt, refuseIf } from './issues/definition-error.ts';
import { describeValue } from './issues/inert.ts';
import type { Loaded } from './issues/source.ts';
import { applySchema, type Parsed, parseDefinition } from './read/load-definition.ts';
import { type Variables, withVariables } from './read/variables.ts';

/**
 * Reads a drill: checked against the schema and in itself; `script:` paths are absolute afterwards, and `vars` (other values of its
 * variables) are filled in. What needs an environment is checked by `checkDrill`, what needs real targets by `checkLimits`.
 * @throws DefinitionError with everything that is wrong
 */
export async function loadDrill(file: string, vars: Variables = {}): Promise<Loaded<Drill>> {
  return toDrill(await parseDefinition(file), vars);
}

/** The same, from a text that has been parsed. @throws DefinitionError */
export async function toDrill(parsed: Parsed, vars: Variables = {}): Promise<Loaded<Drill>> {
  const loaded = applySchema(drill, withVariables(parsed, vars));
  const directory = path.dirname(loaded.file);
  const load = loaded.value.load.map((one) =>
    one.script === undefined ? one : { ...one, script: path.resolve(directory, one.script) },
  );
  const result = { ...loaded, value: { ...loaded.value, load } };
  refuseIf([...checkDrill(result), ...(await checkJsonPaths(result)), ...(await missingScripts(result))]);
  return result;
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
