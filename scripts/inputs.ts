import type { Loaded } from '../chaos/definitions/issues/source.ts';
import { type LoadedDrill, loadDrill } from '../chaos/definitions/load-drill.ts';
import { loadEnvironment } from '../chaos/definitions/load-environment.ts';
import type { Variables } from '../chaos/definitions/read/variables.ts';
import type { Environment } from '../chaos/schema/environment.ts';
import { RefusalError } from '../orchestrator/refusal.ts';
import { findK6, type K6 } from '../orchestrator/tools/find-k6.ts';

/** @throws DefinitionError */
export async function loadBoth(
  drill: string,
  env: string,
  vars: Variables = {},
): Promise<{ drill: LoadedDrill; environment: Loaded<Environment> }> {
  return { drill: await loadDrill(drill, vars), environment: await loadEnvironment(env, process.cwd()) };
}

/** @throws RefusalError that says how to get k6 */
export async function requireK6(): Promise<K6> {
  const found = await findK6();
  if (found.path === null) throw new RefusalError(found.message, { fix: found.fix });
  return found;
}
