import type { Workload } from '../../kubernetes/core-calls.ts';
import type { Evidence, FaultRequest, PreparedFault, Target } from '../../provider.ts';
import { seenBy, until } from '../../wait-until.ts';
import type { Cluster } from './cluster.ts';
import type { ChaosMeshComponent } from './component.ts';
import { refuse } from './errors.ts';
import { findPods, findWorkloads, isMadeBy, wantedBy } from './pods.ts';

/** A rolling restart. There is nothing to take back: the new pods are like the old ones. */
export async function prepareRollout(
  cluster: Cluster,
  request: FaultRequest,
  component: ChaosMeshComponent,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<PreparedFault> {
  const name = String(targets[0]?.identity.deployment ?? '');
  // Others may carry the labels, too. Those stay, and would be taken for what a rollout has left over.
  const findOwn = async (s: AbortSignal) =>
    (await findPods(cluster, component, s)).filter((pod) => isMadeBy(pod, name));
  const findDeployment = async (s: AbortSignal) =>
    (await findWorkloads(cluster, component, s)).filter(
      ({ kind, metadata }) => kind === 'Deployment' && metadata?.uid === targets[0]?.identity.uid,
    );
  const old = new Set((await findOwn(signal)).map((pod) => pod.uid));
  let actedAt: number | undefined;
  const wait = async (what: string, waitSignal: AbortSignal, whole: boolean): Promise<Evidence> =>
    await until(
      what,
      async (since) => {
        const pods = await findOwn(waitSignal);
        const fresh = pods.filter((pod) => !old.has(pod.uid));
        if (!whole) {
          if (fresh.length === 0) return { missing: 'no pod of a new revision is there' };
          const there = fresh.map((pod) => `pod ${pod.name} (new uid ${pod.uid}) is there`);
          return { seen: seenBy(since, there) };
        }
        const state = rolloutState(await findDeployment(waitSignal));
        if (!state.complete || pods.some((pod) => old.has(pod.uid))) return { missing: state.detail };
        return { seen: seenBy(since, [`deployment ${name}: ${state.detail}`]) };
      },
      { signal: waitSignal, notBefore: actedAt },
    );
  return {
    undo: [],
    async act(actSignal) {
      if (actedAt !== undefined) return;
      if ((await findDeployment(actSignal)).length === 0)
        throw refuse(`the deployment ${name} is no longer there`, 'run the drill again');
      const began = Date.now();
      await cluster.restart(component.namespace, name, actSignal);
      actedAt = began;
    },
    observe: (s) => wait(`the rollout of ${request.componentName} has not begun`, s, false),
    revert: async () => {},
    observeEnd: (s) => wait(`the rollout of ${request.componentName} is not complete`, s, true),
  };
}

/** Complete: every replica is of the newest revision, ready, and none is left over. Without any there is no rollout to see. */
export function rolloutState(workloads: readonly Workload[]): { complete: boolean; detail: string } {
  const wanted = wantedBy(workloads);
  let updated = 0;
  let ready = 0;
  let total = 0;
  let observed = workloads.length > 0;
  for (const { metadata, status } of workloads) {
    updated += status?.updatedReplicas ?? 0;
    ready += status?.readyReplicas ?? 0;
    total += status?.replicas ?? 0;
    if ((status?.observedGeneration ?? -1) < (metadata?.generation ?? 0)) observed = false;
  }
  return {
    complete: observed && wanted > 0 && updated === wanted && ready === wanted && total === wanted,
    detail: `${updated} of ${wanted} replicas are of the newest revision, ${ready} ready, ${total} there`,
  };
}
