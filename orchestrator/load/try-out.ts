import type { PlannedLoad } from '../plan.types.ts';
import type { LoadTrial } from './runner.ts';
import { runnerNamed } from './runners.ts';

/**
 * Finds out what only trying shows, before anything of the run is touched.
 * @returns what could not be found out; null when there is nothing
 * @throws ProviderError that says what is missing and how to get it
 */
export async function tryOutLoads(
  loads: readonly PlannedLoad[],
  trial: Omit<LoadTrial, 'load'>,
): Promise<string | null> {
  // All loads of a drill have the runner that their environment names, with the same settings.
  const [load] = loads;
  if (load === undefined) return null;
  return (await runnerNamed(load.runner).tryOut?.({ ...trial, load })) ?? null;
}
