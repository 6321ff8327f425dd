import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../package-root.ts';
import { type Environment, environment } from '../schema/environment.ts';
import { checkEnvironment } from './check/check-environment.ts';
import { DefinitionError, issueAtPlace, refuseIf } from './issues/definition-error.ts';
import { inert } from './issues/inert.ts';
import type { Loaded } from './issues/source.ts';
import { suggestOrList } from './issues/suggest.ts';
import { applySchema, type Parsed, parseDefinition } from './read/load-definition.ts';
import { resolvePaths } from './resolve-paths.ts';

/**
 * Reads an environment by its name (in `chaos/environments/` of the working directory, else of the installed package) or by
 * its path (anything with a slash, or that ends in .yaml). Paths in it are absolute afterwards; secrets are still references.
 * @throws DefinitionError with everything that is wrong
 */
export async function loadEnvironment(nameOrPath: string, cwd: string): Promise<Loaded<Environment>> {
  return toEnvironment(await parseDefinition(await findEnvironment(nameOrPath, cwd)));
}

/** The same, from a text that has been parsed. @throws DefinitionError */
export function toEnvironment(parsed: Parsed): Loaded<Environment> {
  const loaded = applySchema(environment, parsed);
  refuseIf(checkEnvironment(loaded));
  return { ...loaded, value: resolvePaths(loaded.value, path.dirname(loaded.file)) };
}

async function findEnvironment(nameOrPath: string, cwd: string): Promise<string> {
  if (/[/\\]|\.ya?ml$/.test(nameOrPath)) return path.resolve(cwd, nameOrPath);
  const folders = [cwd, packageRoot()].map((root) => path.join(root, 'chaos', 'environments'));
  if (/^[\w-]{1,63}$/.test(nameOrPath)) {
    for (const folder of folders) {
      const file = path.join(folder, `${nameOrPath}.yaml`);
      if ((await stat(file).catch(() => undefined)) !== undefined) return file;
    }
  }
  const known = (await Promise.all(folders.map(namesIn))).flat();
  const shown = `environment "${inert(nameOrPath, 63)}":`;
  throw new DefinitionError([
    issueAtPlace({ shown, text: '' }, { line: 0, column: 0 }, [], {
      rule: 'there is no such environment in chaos/environments/',
      fix: `give a name or a path (./staging.yaml); ${suggestOrList(nameOrPath, [...new Set(known)])}`,
    }),
  ]);
}

async function namesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith('.yaml')).map((file) => inert(file.slice(0, -'.yaml'.length)));
}
