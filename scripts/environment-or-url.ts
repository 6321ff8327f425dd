import path from 'node:path';
import type { Loaded } from '../chaos/definitions/issues/source.ts';
import { loadEnvironment, toEnvironment } from '../chaos/definitions/load-environment.ts';
import { parseYaml } from '../chaos/definitions/read/parse-yaml.ts';
import type { Environment } from '../chaos/schema/environment.ts';
import { RefusalError } from '../orchestrator/refusal.ts';

/**
 * An environment by its name or path, or by the URL of what it is: then it has nothing but the variable BASE_URL.
 * @param side what it is called, in messages and as the environment of a URL
 * @throws DefinitionError, RefusalError
 */
export async function environmentOrUrl(
  given: string,
  side: 'candidate' | 'baseline',
  cwd: string,
): Promise<Loaded<Environment>> {
  if (!/^https?:\/\//i.test(given)) return loadEnvironment(given, cwd);
  if (!URL.canParse(given))
    throw new RefusalError(`--${side} begins as a URL does and is none`, {
      fix: 'write for example http://127.0.0.1:8080',
    });
  const { username, password } = new URL(given);
  if (username !== '' || password !== '')
    throw new RefusalError(`--${side} has a user or a password in its URL, and would be in the report`, {
      fix: `write an environment with \`vars: { BASE_URL: "\${env:NAME}" }\`, which is masked`,
    });
  // Scripts put a path behind it.
  const vars = JSON.stringify({ BASE_URL: given.replace(/\/+$/, '') });
  // There is no such file; by its name two gates of one target do not run at the same time.
  const file = path.join(cwd, given.replace(/[^\w.-]+/g, '_'));
  return toEnvironment(parseYaml({ file, shown: `--${side}`, text: `name: ${side}\nvars: ${vars}\n` }));
}
