import type { Environment } from '../../schema/environment.ts';
import { isTellingName, passwordsOf } from '../../secret-texts.ts';
import { type DefinitionIssue, issueAt, refuseIf } from '../issues/definition-error.ts';
import type { Path, Source } from '../issues/source.ts';
import { REFERENCE, referenceTexts } from './secret-references.ts';

export interface ResolvedSecrets {
  /** The environment with the values in place. Never to be written anywhere. */
  readonly environment: Environment;
  /** Everything that must not appear in any artefact, longest first, so that replacing them in this order leaves no rest. */
  readonly secrets: readonly string[];
}

/**
 * Puts the values of `${env:NAME}` into vars, headers and URLs. Passwords in URLs count as secrets, too, wherever they are from, and
 * so does what stands in a header or a variable whose name says that it is one.
 * @throws DefinitionError that names each variable which is missing or empty, and never a value
 */
export function resolveSecrets(
  environment: Environment,
  env: Readonly<Record<string, string | undefined>>,
  source: Source = nowhere(environment),
): ResolvedSecrets {
  const issues: DefinitionIssue[] = [];
  const secrets = new Set<string>();
  const resolved = structuredClone(environment);
  for (const { path, text } of referenceTexts(environment)) {
    const value = text.replace(REFERENCE, (_match, name: string) => {
      const found = Object.hasOwn(env, name) ? env[name] : undefined;
      if (found === undefined || found === '') {
        issues.push(issueAt(source, path, missing(name, found === '')));
        return '';
      }
      if (!isSetting(found)) secrets.add(found);
      else if (isTellingName(String(path.at(-1)))) issues.push(issueAt(source, path, tooShort(name)));
      return found;
    });
    for (const password of passwordsOf(value)) if (!isSetting(password)) secrets.add(password);
    for (const literal of credentials(path, value)) secrets.add(literal);
    set(resolved, path, value);
  }
  refuseIf(issues);
  return { environment: resolved, secrets: longestFirst(secrets) };
}

/** What a drill's own variables, or those of the command line, add to the secrets of its environment, by the same rules. */
export function withSecretsOf(
  secrets: readonly string[],
  all: readonly (Readonly<Record<string, string>> | undefined)[],
): readonly string[] {
  const found = all
    .flatMap((vars) => Object.entries(vars ?? {}))
    .flatMap(([name, value]) => [
      ...passwordsOf(value).filter((password) => !isSetting(password)),
      ...credentials([name], value),
    ]);
  return longestFirst(new Set([...secrets, ...found]));
}

function longestFirst(secrets: ReadonlySet<string>): string[] {
  return [...secrets].sort((a, b) => b.length - a.length);
}

function missing(name: string, empty: boolean) {
  return {
    rule: `the environment variable ${name} is ${empty ? 'empty' : 'not set'}`,
    fix: `set ${name} before you start squall`,
  };
}

function tooShort(name: string) {
  return {
    rule: `the value of ${name} is a number of a few digits or a text of a few letters, which cannot be kept out of anything: it stands in measurements and words by chance`,
    fix: 'use a longer secret; if it is not a secret, give it another name',
  };
}

/** A rate, a port, "on" or "eu" is a setting. Covered like a secret, it would go from measurements and words, too. */
function isSetting(text: string): boolean {
  return /^\d{1,8}$/.test(text) || text.length < SHORTEST_SECRET;
}

const SHORTEST_SECRET = 4;
/** A shorter text is a word that may stand anywhere: putting stars over it would garble the report and hide nothing. */
const SHORTEST_LITERAL = 8;

/** A token that was written into the file as it is: whole, and without the scheme in front of it. */
function credentials(path: Path, value: string): string[] {
  if (!isTellingName(String(path.at(-1)))) return [];
  return [value, value.replace(/^(?:basic|bearer|token)\s+/i, '')].filter(
    (text) => text.length >= SHORTEST_LITERAL,
  );
}

function set(target: object, path: Path, value: string): void {
  let inner = target as Record<string | number, unknown>;
  for (const part of path.slice(0, -1)) inner = inner[part] as Record<string | number, unknown>;
  const last = path.at(-1);
  if (last !== undefined) inner[last] = value;
}

/** For environments that were not read from a file. */
function nowhere(environment: Environment): Source {
  const place = { line: 1, column: 1 };
  return { file: '', shown: `environment ${environment.name}`, text: '', placeOf: () => place };
}
