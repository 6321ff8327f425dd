import type { Provider } from '../chaos/provider.ts';
import { createAwsProvider } from '../chaos/providers/aws/provider.ts';
import { createChaosMeshProvider } from '../chaos/providers/chaos-mesh/provider.ts';
import { createGoogleProvider } from '../chaos/providers/google/provider.ts';
import { createLocalProvider } from '../chaos/providers/local/provider.ts';
import { loadRunners } from '../orchestrator/load/runners.ts';
import { testbedUndoing } from '../orchestrator/run/testbed.ts';
import type { Undoing } from '../orchestrator/undo.ts';

/** Every provider, wired here and nowhere else. Each loads its client libraries only when it is used. */
export function everyProvider(): readonly Provider[] {
  return [createLocalProvider(), createChaosMeshProvider(), createAwsProvider(), createGoogleProvider()];
}

/** Everything that can undo something that a run has armed. */
export function everyUndoing(): readonly Undoing[] {
  return [...everyProvider(), ...loadRunners, testbedUndoing];
}
