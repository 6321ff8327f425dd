import path from 'node:path';
import { many } from '../many.ts';
import type { Drill } from '../schema/drill.ts';
import type { Environment } from '../schema/environment.ts';
import type { Register } from '../schema/register.ts';
import type { RequestFile } from '../schema/requests.ts';
import type { Suite } from '../schema/suite.ts';
import { checkAllow } from './check/check-allow.ts';
import { checkDrill } from './check/check-drill.ts';
import { checkReferences } from './check/check-references.ts';
import { checkSettings } from './check/check-settings.ts';
import { DefinitionError, type DefinitionIssue, formatIssues, issueAt } from './issues/definition-error.ts';
import { type Loaded, shownFile } from './issues/source.ts';
import { toDrill } from './load-drill.ts';
import { toEnvironment } from './load-environment.ts';
import { type LoadedGameday, toGameday } from './load-gameday.ts';
import { toRegister } from './load-register.ts';
import { toRequests } from './load-requests.ts';
import { toSuite } from './load-suite.ts';
import { parseDefinition } from './read/load-definition.ts';
import { type Told, tellApart } from './tell-apart.ts';

export interface Validation {
  readonly ok: boolean;
  /** For people: one line for each good file, then all that is wrong. */
  readonly output: string;
  /** For `--json`. */
  readonly json: {
    readonly ok: boolean;
    readonly files: readonly { readonly file: string; readonly kind: Kind | null; readonly ok: boolean }[];
    readonly issues: readonly Omit<DefinitionIssue, 'excerpt'>[];
  };
}

type Kind = Told | 'objectives';
type Definition =
  | { readonly kind: 'drill'; readonly drill: Loaded<Drill> }
  | { readonly kind: 'environment'; readonly environment: Loaded<Environment> }
  | { readonly kind: 'suite'; readonly suite: Loaded<Suite> }
  | { readonly kind: 'register'; readonly register: Loaded<Register> }
  | { readonly kind: 'requests'; readonly requests: Loaded<RequestFile> }
  | { readonly kind: 'game day'; readonly gameday: Loaded<LoadedGameday> }
  | { readonly kind: 'objectives'; readonly count: number };

/** Reads the files of objectives that drills use, which are code: whoever validates says how. Left out: they are not read. */
export interface ObjectiveSets {
  /** @throws Error with what is wrong in the set of this name */
  readonly load?: (name: string, cwd: string) => Promise<unknown>;
  /** @throws Error with what is wrong in this file, its line first: `thresholds: FILE:LINE: …` */
  readonly loadFile?: (file: string) => Promise<readonly unknown[]>;
}

/**
 * Checks each file, told apart by what is in it, and each drill against each environment given with it. Never throws for what
 * is in the files; starts and touches nothing.
 */
export async function validateFiles(
  files: readonly string[],
  cwd = process.cwd(),
  sets: ObjectiveSets = {},
): Promise<Validation> {
  const results = await Promise.all(
    [...new Set(files)].map((file) => validateFile(path.resolve(cwd, file), cwd, sets)),
  );
  const environments = results.flatMap(({ definition }) =>
    definition?.kind === 'environment' ? [definition.environment] : [],
  );
  for (const { definition, issues } of results) {
    if (definition?.kind !== 'drill') continue;
    for (const environment of environments) {
      issues.push(...checkDrill(definition.drill, environment), ...checkAllow(definition.drill, environment));
    }
  }
  const issues = results.flatMap((result) => result.issues);
  const ok = issues.length === 0;
  return {
    ok,
    output: [
      ...results.filter((r) => r.issues.length === 0).map(describe),
      ...(ok ? [] : [formatIssues(issues)]),
    ].join('\n'),
    json: {
      ok,
      files: results.map((r) => ({
        file: r.shown,
        kind: r.definition?.kind ?? null,
        ok: r.issues.length === 0,
      })),
      issues: issues.map(({ excerpt: _, ...issue }) => issue),
    },
  };
}

interface FileResult {
  readonly shown: string;
  readonly definition: Definition | undefined;
  readonly issues: DefinitionIssue[];
}

async function validateFile(file: string, cwd: string, sets: ObjectiveSets): Promise<FileResult> {
  const shown = shownFile(file);
  if (CODE.test(file) && sets.loadFile !== undefined) return await validateObjectives(file, sets.loadFile);
  try {
    const parsed = await parseDefinition(file);
    const kind = tellApart(parsed);
    if (kind === 'environment') {
      return { shown, definition: { kind, environment: toEnvironment(parsed) }, issues: [] };
    }
    if (kind === 'register') return { shown, definition: { kind, register: toRegister(parsed) }, issues: [] };
    if (kind === 'suite')
      return { shown, definition: { kind, suite: await toSuite(parsed, cwd) }, issues: [] };
    if (kind === 'requests') return { shown, definition: { kind, requests: toRequests(parsed) }, issues: [] };
    if (kind === 'game day')
      return { shown, definition: { kind, gameday: await toGameday(parsed) }, issues: [] };
    const drill = await toDrill(parsed);
    return {
      shown,
      definition: { kind, drill },
      issues: [
        ...checkReferences(drill, cwd),
        ...(await checkSettings(drill, cwd)),
        ...(await checkSets(drill, cwd, sets)),
      ],
    };
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return { shown, definition: undefined, issues: [...error.issues] };
  }
}

const CODE = /\.[cm]?[jt]s$/;

/** A file of code is taken for a set of objectives: a script of k6 is looked at when a drill names it. */
async function validateObjectives(
  file: string,
  load: NonNullable<ObjectiveSets['loadFile']>,
): Promise<FileResult> {
  const shown = shownFile(file);
  try {
    return { shown, definition: { kind: 'objectives', count: (await load(file)).length }, issues: [] };
  } catch (error) {
    const said = (error as Error).message.replace(/^thresholds: /, '');
    const [, line = '0', column = line === '0' ? '0' : '1', rule = said] =
      (said.startsWith(file) && /^(?::(\d+))?(?::(\d+))?:? ?(.*)$/s.exec(said.slice(file.length))) || [];
    const issue = {
      ...{
        file: shown,
        line: Number(line),
        column: Number(column),
        path: '',
        value: undefined,
        excerpt: undefined,
      },
      rule,
      fix: 'correct it there; a file of code is read as a list of objectives, and a k6 script is looked at by `squall plan`',
    };
    return { shown, definition: undefined, issues: [issue] };
  }
}

async function checkSets(
  drill: Loaded<Drill>,
  cwd: string,
  { load }: ObjectiveSets,
): Promise<DefinitionIssue[]> {
  const issues: DefinitionIssue[] = [];
  for (const [i, one] of drill.value.objectives.entries()) {
    if (load === undefined || !('use' in one)) continue;
    const wrong = await load(one.use, cwd).then(
      () => undefined,
      ({ message }: Error) => message,
    );
    if (wrong === undefined) continue;
    const text = { rule: wrong.replace(/^thresholds: /, ''), fix: 'correct it there' };
    issues.push(issueAt(drill, ['objectives', i, 'use'], text));
  }
  return issues;
}

function describe({ shown, definition }: FileResult): string {
  if (definition?.kind === 'drill') {
    const { name, faults, objectives } = definition.drill.value;
    return `${shown}: ok, drill ${name}, ${many(faults.length, 'fault')}, ${many(objectives.length, 'objective')}`;
  }
  if (definition?.kind === 'suite') {
    const { name, checks, compare } = definition.suite.value;
    return `${shown}: ok, suite ${name}, ${many(checks.length, 'check')}, ${many(compare.length, 'comparison')}`;
  }
  if (definition?.kind === 'register') {
    const areas = Object.values(definition.register.value.areas);
    const promises = areas.reduce((sum, area) => sum + Object.keys(area.promises).length, 0);
    return `${shown}: ok, register, ${many(areas.length, 'area')}, ${many(promises, 'promise')}`;
  }
  if (definition?.kind === 'requests')
    return `${shown}: ok, ${many(definition.requests.value.requests.length, 'request')}`;
  if (definition?.kind === 'game day') {
    const { name, parts } = definition.gameday.value;
    return `${shown}: ok, game day ${name}, ${many(parts.length, 'part')}`;
  }
  if (definition?.kind === 'objectives') return `${shown}: ok, ${many(definition.count, 'objective')}`;
  const { name, components } = definition?.environment.value ?? { name: '', components: {} };
  return `${shown}: ok, environment ${name}, ${many(Object.keys(components).length, 'component')}`;
}
