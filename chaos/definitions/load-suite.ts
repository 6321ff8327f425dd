import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Drill } from '../schema/drill.ts';
import { type Suite, suite } from '../schema/suite.ts';
import { checkSettings, checkSuiteSettings } from './check/check-settings.ts';
import { checkSuite } from './check/check-suite.ts';
import { findDefinition } from './find-definition.ts';
import { DefinitionError, type DefinitionIssue, issueAt, refuseIf } from './issues/definition-error.ts';
import { describeValue } from './issues/inert.ts';
import type { Loaded } from './issues/source.ts';
import { loadDrill } from './load-drill.ts';
import { applySchema, type Parsed, parseDefinition } from './read/load-definition.ts';

export interface LoadedSuite extends Loaded<Suite> {
  /** Its drills by their path, as they were checked: who runs them need not look at the files again. */
  readonly drills: ReadonlyMap<string, Loaded<Drill>>;
}

const SUITES = { folder: 'suites', what: 'suite', example: './release.yaml' };

/**
 * Reads a suite by its name (in `chaos/suites/`) or by its path: checked against the schema and in itself, its drills with it. Paths in
 * it are absolute afterwards.
 * @throws DefinitionError with everything that is wrong
 */
export async function loadSuite(nameOrPath: string, cwd: string): Promise<LoadedSuite> {
  return toSuite(await parseDefinition(await findDefinition(SUITES, nameOrPath, cwd)), cwd);
}

/** The same, from a text that has been parsed. @throws DefinitionError */
export async function toSuite(parsed: Parsed, cwd: string): Promise<LoadedSuite> {
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
  const { drills, issues } = await drillsOf(result.value, cwd);
  refuseIf([
    ...checkSuite(result),
    ...(await checkSuiteSettings(result, cwd)),
    ...(await missingScripts(result)),
    ...issues,
  ]);
  return { ...result, drills };
}

async function drillsOf(
  { checks }: Suite,
  cwd: string,
): Promise<Pick<LoadedSuite, 'drills'> & { readonly issues: readonly DefinitionIssue[] }> {
  const drills = new Map<string, Loaded<Drill>>();
  const issues: DefinitionIssue[] = [];
  for (const file of new Set(checks.flatMap(({ drill }) => drill ?? []))) {
    try {
      const loaded = await loadDrill(file);
      drills.set(file, loaded);
      issues.push(...(await checkSettings(loaded, cwd)));
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      issues.push(...error.issues);
    }
  }
  return { drills, issues };
}

async function missingScripts(loaded: Loaded<Suite>): Promise<DefinitionIssue[]> {
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
    }
  return issues;
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() === true;
}
