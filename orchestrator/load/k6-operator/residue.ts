import type { V1Pod } from '@kubernetes/client-node';
import { RUN_LABEL, residueSelector } from '../../../chaos/kubernetes/naming.ts';
import type { UndoRecord } from '../../../chaos/provider.ts';
import type { LoadSettings } from '../../../chaos/schema/load.ts';
import { loadOfPart } from './bundle-parts.ts';
import { connectLoad, type Found } from './cluster.ts';
import { settingsOf } from './settings.ts';
import { isTrialName } from './trial-pod.ts';
import { loadUndoRecord, placeOf } from './undo.ts';

/** Loads in the namespace that carry squall's labels, and pods that try an image; with or without a journal: one record each. */
export async function findLoads(
  settings: LoadSettings,
  run: string | undefined,
  signal: AbortSignal,
): Promise<readonly UndoRecord[]> {
  const { namespace, context } = settingsOf({ settings });
  const cluster = await connectLoad({ context });
  const at = { namespace, labels: residueSelector(run) };
  const lists = await Promise.all([
    cluster.hasOperator(signal).then((has) => (has ? cluster.list('testruns', at, signal) : [])),
    cluster.list('configmaps', at, signal),
    cluster.list('secrets', at, signal),
    cluster.pods(at, signal).then((pods) => pods.map(foundOf).filter(({ name }) => isTrialName(name))),
  ]);
  const runs = new Map<string, string>();
  for (const { name, labels } of lists.flat())
    if (name.startsWith('squall-')) runs.set(loadOfPart(name), labels[RUN_LABEL] ?? '');
  return [...runs].map(([name, own]) => loadUndoRecord(placeOf(cluster, { namespace, name, run: own })));
}

function foundOf({ metadata }: V1Pod): Pick<Found, 'name' | 'labels'> {
  return { name: metadata?.name ?? '', labels: metadata?.labels ?? {} };
}
