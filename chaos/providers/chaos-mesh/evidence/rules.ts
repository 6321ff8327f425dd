import { httpCode } from '../../../kubernetes/errors.ts';
import type { Cluster } from '../cluster.ts';
import type { PodChaos, PodChaosKind } from '../object-calls.ts';
import { type ChaosKind, POD_PLURALS } from '../objects/types.ts';

/** An object by which Chaos Mesh marks its rules in the pods. */
export interface Source {
  readonly kind: ChaosKind;
  readonly namespace: string;
  readonly name: string;
}

/** Per pod, the rules that come from this object. Kinds without such rules have none. */
export interface PodRules {
  readonly pod: string;
  readonly rules: number;
  /** Has the pod got what its object says, without a failure? */
  readonly applied: boolean;
  readonly failure: string | undefined;
}

export async function readRules(
  cluster: Cluster,
  source: Source,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<readonly PodRules[]> {
  const found = await ownPodChaos(cluster, source, namespaces, signal);
  return found.map(({ object, rules }) => ({
    pod: `${object.metadata.namespace}/${object.metadata.name}`,
    rules,
    applied: (object.status?.observedGeneration ?? -1) >= (object.metadata.generation ?? 0),
    failure: object.status?.failedMessage || undefined,
  }));
}

/**
 * Takes this object's rules, and no others, out of the pods' PodNetworkChaos (or IO, HTTP). A fault that could not be applied
 * does not go away when it is deleted: Chaos Mesh keeps trying, and other faults on the same pods fail too. With its rules
 * gone Chaos Mesh finishes the recovery by itself and lets the object go; the finalizer is not touched.
 * @returns the pods whose rules were taken out
 */
export async function removeRules(
  cluster: Cluster,
  source: Source,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const cleared: string[] = [];
  for (const { kind, object } of await ownPodChaos(cluster, source, namespaces, signal)) {
    const spec = Object.fromEntries(
      Object.entries(object.spec ?? {}).flatMap(([key, list]) =>
        Array.isArray(list) && list.some((rule) => isOwn(rule, source))
          ? [[key, list.filter((rule) => !isOwn(rule, source))]]
          : [],
      ),
    );
    try {
      await cluster.patchPodChaos(kind, object, spec, signal);
      cleared.push(`${object.metadata.namespace}/${object.metadata.name}`);
    } catch (error) {
      // It changed since it was read, or its pod is gone: the next round sees what is left.
      const code = httpCode(error);
      if (code !== 409 && code !== 404) throw error;
    }
  }
  return cleared;
}

async function ownPodChaos(
  cluster: Cluster,
  source: Source,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<{ kind: PodChaosKind; object: PodChaos; rules: number }[]> {
  if (!(source.kind in POD_PLURALS)) return [];
  const kind = source.kind as PodChaosKind;
  const lists = await Promise.all(
    [...new Set(namespaces)].map((namespace) => cluster.listPodChaos(kind, namespace, signal)),
  );
  return lists.flat().flatMap((object) => {
    const rules = Object.values(object.spec ?? {})
      .flatMap((list) => (Array.isArray(list) ? list : []))
      .filter((rule) => isOwn(rule, source)).length;
    return rules === 0 ? [] : [{ kind, object, rules }];
  });
}

const isOwn = (rule: { readonly source?: string }, { namespace, name }: Source) =>
  rule.source === `${namespace}/${name}`;
