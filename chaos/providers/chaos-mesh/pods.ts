import type { V1Pod } from '@kubernetes/client-node';
import type { Selected, Workload } from '../../kubernetes/core-calls.ts';
import type { Cluster } from './cluster.ts';

/** What squall needs to know of a pod. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Ready, and not on its way out. */
  readonly ready: boolean;
  readonly terminating: boolean;
  /** Its phase is Running, be it ready or not. */
  readonly running: boolean;
  readonly hostNetwork: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** What makes another one when it is gone: a replica set, a job. Undefined for a pod that somebody created by hand. */
  readonly controller: { readonly kind: string; readonly name: string } | undefined;
  /** Does the kubelet start none of its containers again, however they end? */
  readonly neverRestarts: boolean;
  readonly containers: readonly Container[];
  /** The one that is meant when none is named; as for kubectl, the first is often a mesh's proxy. */
  readonly defaultContainer: string | undefined;
}

export interface Container {
  readonly name: string;
  /** Empty while it has none. Changes at every start. */
  readonly id: string;
  readonly ready: boolean;
  readonly restarts: number;
  /** As the pod's spec asks for; pod-failure swaps it. */
  readonly image: string;
}

/** Pods that match and have not ended, by name. */
export async function findPods(cluster: Cluster, at: Selected, signal: AbortSignal): Promise<readonly Pod[]> {
  const found = await cluster.listPods(at, signal);
  return found
    .filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed')
    .map(readPod)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function readPod(pod: V1Pod): Pod {
  const terminating = pod.metadata?.deletionTimestamp !== undefined;
  const ready = pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
  const containers = pod.spec?.containers ?? [];
  const annotated = pod.metadata?.annotations?.['kubectl.kubernetes.io/default-container'];
  const states = new Map(pod.status?.containerStatuses?.map((status) => [status.name, status]));
  return {
    namespace: pod.metadata?.namespace ?? '',
    name: pod.metadata?.name ?? '',
    uid: pod.metadata?.uid ?? '',
    ready: ready && !terminating,
    terminating,
    running: pod.status?.phase === 'Running',
    hostNetwork: pod.spec?.hostNetwork === true,
    labels: pod.metadata?.labels ?? {},
    controller: pod.metadata?.ownerReferences?.find(({ controller }) => controller === true),
    neverRestarts: pod.spec?.restartPolicy === 'Never',
    containers: containers.map(({ name, image }) => ({
      name,
      id: states.get(name)?.containerID ?? '',
      ready: states.get(name)?.ready ?? false,
      restarts: states.get(name)?.restartCount ?? 0,
      image: image ?? '',
    })),
    defaultContainer: (containers.find(({ name }) => name === annotated) ?? containers[0])?.name,
  };
}

/** Of a replica set of this deployment, which Kubernetes names after it: `web-5d4f8c7b6d`, as the label of its pods says. */
export function isMadeBy({ controller, labels }: Pod, deployment: string): boolean {
  return (
    controller?.kind === 'ReplicaSet' && controller.name === `${deployment}-${labels['pod-template-hash']}`
  );
}

/** Deployments and stateful sets whose pods carry these labels. */
export async function findWorkloads(
  cluster: Cluster,
  at: Selected,
  signal: AbortSignal,
): Promise<readonly Workload[]> {
  const all = await cluster.listWorkloads(at.namespace, signal);
  return all.filter((workload) => {
    const labels = workload.spec?.template.metadata?.labels ?? {};
    return Object.entries(at.labels).every(([key, value]) => labels[key] === value);
  });
}

/** The API server's default is one. */
export function wantedBy(workloads: readonly Workload[]): number {
  return workloads.reduce((sum, { spec }) => sum + (spec?.replicas ?? 1), 0);
}

/** Of the pods that the component's workloads have made. Others may carry its labels, too: a daemon set's, a job's, an operator's. */
export interface Replicas {
  readonly wanted: number;
  readonly ready: number;
}

/** Undefined where nothing says how many are wanted. */
export async function readReplicas(
  cluster: Cluster,
  at: Selected,
  signal: AbortSignal,
): Promise<Replicas | undefined> {
  try {
    const workloads = await findWorkloads(cluster, at, signal);
    const wanted = wantedBy(workloads);
    return wanted === 0
      ? undefined
      : { wanted, ready: workloads.reduce((sum, one) => sum + readyOf(one), 0) };
  } catch {
    // Pods can be counted even if the account may not read workloads.
    return undefined;
  }
}

/** How many pods fewer than were ready before are enough by now: an autoscaler may have taken some away. */
export function fewerWanted(before: Replicas | undefined, now: Replicas | undefined): number {
  return before === undefined || now === undefined ? 0 : Math.max(0, before.ready - now.wanted);
}

/** The workloads of which fewer are ready than they want, or whose controller has not seen their newest spec yet. */
export function findLagging(workloads: readonly Workload[]): readonly Workload[] {
  return workloads.filter(
    (one) =>
      readyOf(one) < wantedBy([one]) ||
      (one.status?.observedGeneration ?? 0) < (one.metadata?.generation ?? 0),
  );
}

/** The API server leaves out what is 0. */
export const readyOf = ({ status }: Workload) => status?.readyReplicas ?? 0;
