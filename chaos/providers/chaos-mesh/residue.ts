import { kubeconfigPath } from '../../kubernetes/kubeconfig.ts';
import { FAULT_LABEL, RUN_LABEL, residueSelector } from '../../kubernetes/naming.ts';
import type { UndoRecord } from '../../provider.ts';
import type { Cluster } from './cluster.ts';
import type { ChaosMeshComponent } from './component.ts';
import { type ChaosKind, type ChaosObject, PLURALS } from './objects/types.ts';
import { undoRecord } from './undo.ts';

/** Objects that carry squall's labels, in the namespaces of these components. A cluster without Chaos Mesh has none. */
export async function findObjects(
  cluster: Cluster,
  components: readonly ChaosMeshComponent[],
  run: string | undefined,
  signal: AbortSignal,
): Promise<readonly UndoRecord[]> {
  const installed = await cluster.installedKinds(signal);
  if (installed === undefined) return [];
  const kinds = (Object.keys(PLURALS) as ChaosKind[]).filter((kind) => installed.has(kind));
  const records: UndoRecord[] = [];
  for (const namespace of new Set(components.map((component) => component.namespace))) {
    const found = await Promise.all(
      kinds.map((kind) => cluster.list({ kind, namespace }, residueSelector(run), signal)),
    );
    for (const object of found.flat()) records.push(recordOf(cluster, object));
  }
  return records;
}

function recordOf(cluster: Cluster, object: ChaosObject): UndoRecord {
  const { name, namespace, labels } = object.metadata;
  const targets =
    'target' in object.spec && typeof object.spec.target === 'object'
      ? object.spec.target.selector
      : undefined;
  return undoRecord(labels?.[FAULT_LABEL] ?? name, {
    kind: object.kind,
    namespace,
    name,
    run: labels?.[RUN_LABEL] ?? '',
    context: cluster.context,
    server: cluster.server,
    kubeconfig: kubeconfigPath(undefined),
    reaches: [...new Set([namespace, ...(targets?.namespaces ?? [])])],
  });
}
