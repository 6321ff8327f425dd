import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Suite, suite } from '../schema/suite.ts';
import { checkSettings, checkSuiteSettings } from './check/check-settings.ts';
import { checkSuite } from './check/check-suite.ts';
import { findDefinition } from './find-definition.ts';
import { DefinitionError, type DefinitionIssue, issueAt, refuseIf } from './issues/definition-error.ts';
import { describeValue } from './issues/inert.ts';
import type { Loaded } from './issues/source.ts';
import { loadDrill } from './load-drill.ts';
import { applySchema, type Parsed, parseDefinition } from './read/load-definition.ts';

const SUITES = { folder: 'suites', what: 'suite', example: './release.yaml' };

/**
 * Reads a suite by its name (in `chaos/suites/`) or by its path: checked against the schema and in itself, its drills with it. Paths in
 * it are absolute afterwards.
 * @throws DefinitionError with everything that is wrong
 */
export async function loadSuite(nameOrPath: string, cwd: string): Promise<Loaded<Suite>> {
  return toSuite(await parseDefinition(await findDefinition(SUITES, nameOrPath, cwd)), cwd);
}

/** The same, from a text that has been parsed. @throws DefinitionError */
export async function toSuite(parsed: Parsed, cwd: string): Promise<Loaded<Suite>> {
  const loaded = applySchema(suite, parsed);
  const directory = path.dirname(loaded.file);
  const absolute = (file: string) => path.resolve(directory, file);
  const checks = loaded.value.checks.map((one) => ({
    ...one,
    ...(one.script === undefined ? {} : { script: absolute(one.script) }),
    ...(one.drill === undefined ? {} : { drill: absolute(one.drill) }),
  }));
  const compare = loaded.value.compare.map((one) =>
    one.script === undefined ? one : { ...one, script: absolute(one.script) },
  );
  const result = { ...loaded, value: { ...loaded.value, checks, compare } };
  refuseIf([
    ...checkSuite(result),
    ...(await checkSuiteSettings(result, cwd)),
    ...(await wrongFiles(result, cwd)),
  ]);
  return result;
}

async function wrongFiles(loaded: Loaded<Suite>, cwd: string): Promise<DefinitionIssue[]> {
  const issues: DefinitionIssue[] = [];
  for (const part of ['checks', 'compare'] as const)
    for (const [i, one] of loaded.value[part].entries()) {
      if (one.script !== undefined && !(await isFile(one.script)))
        issues.push(
          issueAt(loaded, [part, i, 'script'], {
            rule: 'there is no such script',
            value: describeValue(one.script),
            fix: 'give the path of a k6 script, relative to this file',
          }),
        );
      if (!('drill' in one) || one.drill === undefined) continue;
      try {
        issues.push(...(await checkSettings(await loadDrill(one.drill), cwd)));
      } catch (error) {
        if (!(error instanceof DefinitionError)) throw error;
        issues.push(...error.issues);
      }
    }
  return issues;
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() === true;
}
