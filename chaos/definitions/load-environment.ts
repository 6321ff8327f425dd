import path from 'node:path';
import { type Environment, environment } from '../schema/environment.ts';
import { checkEnvironment } from './check/check-environment.ts';
import { findDefinition } from './find-definition.ts';
import { refuseIf } from './issues/definition-error.ts';
import type { Loaded } from './issues/source.ts';
import { applySchema, type Parsed, parseDefinition } from './read/load-definition.ts';
import { resolvePaths } from './resolve-paths.ts';

const ENVIRONMENTS = { folder: 'environments', what: 'environment', example: './staging.yaml' };

/**
 * Reads an environment by its name (in `chaos/environments/` of the working directory, else of the installed package) or by
 * its path (anything with a slash, or that ends in .yaml). Paths in it are absolute afterwards; secrets are still references.
 * @throws DefinitionError with everything that is wrong
 */
export async function loadEnvironment(nameOrPath: string, cwd: string): Promise<Loaded<Environment>> {
  return toEnvironment(await parseDefinition(await findDefinition(ENVIRONMENTS, nameOrPath, cwd)));
}

/** The same, from a text that has been parsed. @throws DefinitionError */
export function toEnvironment(parsed: Parsed): Loaded<Environment> {
  const loaded = applySchema(environment, parsed);
  refuseIf(checkEnvironment(loaded));
  return { ...loaded, value: resolvePaths(loaded.value, path.dirname(loaded.file)) };
}
