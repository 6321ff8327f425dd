import type { V1Deployment, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import type { Connection } from './connection.ts';
import { patient } from './retry.ts';

/** What squall asks of Kubernetes itself. Every call has a deadline of its own besides the caller's signal. */
export interface CoreCalls {
  listPods(at: Selected, signal: AbortSignal): Promise<readonly V1Pod[]>;
  listWorkloads(namespace: string, signal: AbortSignal): Promise<readonly Workload[]>;
  /** Restarts a deployment the way `kubectl rollout restart` does. */
  restart(namespace: string, name: string, signal: AbortSignal): Promise<void>;
  /** What controllers have told about the object with this UID under one reason (Kubernetes' own events, which end after an hour). */
  listTold(
    at: { readonly namespace: string; readonly uid: string; readonly reason: string },
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  allowed(access: Access, signal: AbortSignal): Promise<boolean>;
  /** Calls back at every change, until the signal ends. Best effort: a watch can die without a word, so poll as well. */
  watch(
    path: string,
    query: Record<string, string>,
    changed: (object: unknown) => void,
    signal: AbortSignal,
  ): void;
}

export interface Selected {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}
export interface Access {
  readonly namespace: string;
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}
export type Workload = V1Deployment | V1StatefulSet;

export const MERGE_PATCH = ['Content-Type', 'application/merge-patch+json'] as const;

export function coreCalls({ k8s, config, call }: Connection): CoreCalls {
  const core = config.makeApiClient(k8s.CoreV1Api);
  const apps = config.makeApiClient(k8s.AppsV1Api);
  const authorization = config.makeApiClient(k8s.AuthorizationV1Api);
  const ask = patient(call);
  return {
    async listPods({ namespace, labels }, signal) {
      const labelSelector = selectorText(labels);
      return (
        await ask(`list pods in ${namespace}`, signal, (options) =>
          core.listNamespacedPod({ namespace, labelSelector }, options),
        )
      ).items;
    },
    async listWorkloads(namespace, signal) {
      const doing = `list deployments and stateful sets in ${namespace}`;
      const [deployments, statefulSets] = await Promise.all([
        ask(doing, signal, (options) => apps.listNamespacedDeployment({ namespace }, options)),
        ask(doing, signal, (options) => apps.listNamespacedStatefulSet({ namespace }, options)),
      ]);
      return [
        ...deployments.items.map((item) => ({ ...item, kind: 'Deployment' })),
        ...statefulSets.items.map((item) => ({ ...item, kind: 'StatefulSet' })),
      ];
    },
    async restart(namespace, name, signal) {
      const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
      const body = { spec: { template: { metadata: { annotations } } } };
      await call(
        `restart deployment ${name} in ${namespace}`,
        signal,
        (options) => apps.patchNamespacedDeployment({ namespace, name, body }, options),
        MERGE_PATCH,
      );
    },
    async listTold({ namespace, uid, reason }, signal) {
      const fieldSelector = `involvedObject.uid=${uid},reason=${reason}`;
      const found = await ask(`list events in ${namespace}`, signal, (options) =>
        core.listNamespacedEvent({ namespace, fieldSelector }, options),
      );
      return found.items.map(({ message }) => message ?? '');
    },
    async allowed(access, signal) {
      const body = { spec: { resourceAttributes: { ...access } } };
      const review = await ask('ask which permissions there are', signal, (options) =>
        authorization.createSelfSubjectAccessReview({ body }, options),
      );
      return review.status?.allowed === true;
    },
    watch(path, query, changed, signal) {
      if (signal.aborted) return;
      new k8s.Watch(config)
        .watch(
          path,
          query,
          (_type, object) => changed(object),
          () => {},
        )
        .then((controller) => {
          if (signal.aborted) controller.abort();
          else signal.addEventListener('abort', () => controller.abort(), { once: true });
        })
        .catch(() => {});
    },
  };
}

export function selectorText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
