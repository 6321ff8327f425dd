import type { KubeConfig, V1Deployment, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import { type Client, makeCall } from '../../kubernetes/call.ts';
import { httpCode } from '../../kubernetes/errors.ts';
import { loadKubeConfig } from '../../kubernetes/kubeconfig.ts';
import {
  type ChaosKind,
  type ChaosObject,
  GROUP,
  PLURALS,
  type POD_PLURALS,
  VERSION,
} from './objects/types.ts';

/** What squall asks of a cluster, and nothing more. Every call has a deadline of its own besides the caller's signal. */
export interface Cluster {
  readonly context: string;
  readonly server: string;
  listPods(at: Selected, signal: AbortSignal): Promise<readonly V1Pod[]>;
  listWorkloads(namespace: string, signal: AbortSignal): Promise<readonly Workload[]>;
  /** Restarts a deployment the way `kubectl rollout restart` does. */
  restart(namespace: string, name: string, signal: AbortSignal): Promise<void>;
  /** With `dryRun` the object goes through schema and webhooks and is not kept. */
  create(
    object: ChaosObject,
    options: { readonly dryRun: boolean },
    signal: AbortSignal,
  ): Promise<ChaosObject>;
  read(at: Named<ChaosKind>, signal: AbortSignal): Promise<ChaosObject | undefined>;
  /** Of one kind in one namespace, by a label selector in text form. */
  list(
    at: Omit<Named<ChaosKind>, 'name'>,
    labels: string,
    signal: AbortSignal,
  ): Promise<readonly ChaosObject[]>;
  /** Deletes the object with this UID and no other. False when it is gone, or another one has taken its name. */
  remove(at: Named<ChaosKind>, uid: string, signal: AbortSignal): Promise<boolean>;
  /** What controllers have told about the object with this UID under one reason (Kubernetes' own events, which end after an hour). */
  listTold(
    at: { readonly namespace: string; readonly uid: string; readonly reason: string },
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  listPodChaos(kind: PodChaosKind, namespace: string, signal: AbortSignal): Promise<readonly PodChaos[]>;
  /** Replaces lists in the spec; refused (409) when it changed since it was read. */
  patchPodChaos(kind: PodChaosKind, of: PodChaos, spec: PodChaos['spec'], signal: AbortSignal): Promise<void>;
  /** Kinds of Chaos Mesh that are installed; undefined when it is not. */
  installedKinds(signal: AbortSignal): Promise<ReadonlySet<string> | undefined>;
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
export interface Named<Kind> {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}
export interface Access {
  readonly namespace: string;
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}
export type PodChaosKind = keyof typeof POD_PLURALS;
export type Workload = V1Deployment | V1StatefulSet;

/** The per-pod object in which Chaos Mesh keeps the rules of every object that hits the pod. */
export interface PodChaos {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly generation?: number;
    readonly resourceVersion?: string;
  };
  readonly spec?: Readonly<Record<string, readonly { readonly source?: string }[] | undefined>>;
  readonly status?: { readonly failedMessage?: string; readonly observedGeneration?: number };
}

const POD_RESOURCE = {
  NetworkChaos: 'podnetworkchaos',
  IOChaos: 'podiochaos',
  HTTPChaos: 'podhttpchaos',
} as const;

/** @throws ProviderError when there is no usable kubeconfig. Makes no call yet. */
export async function connect(wanted: {
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
}): Promise<Cluster> {
  // Lazily: the client costs most of a second, and a drill on local processes has no use for it.
  const k8s = await import('@kubernetes/client-node');
  const config = loadKubeConfig(k8s, wanted);
  return makeCluster(k8s, config);
}

function makeCluster(k8s: Client, config: KubeConfig): Cluster {
  const { server = 'no server' } = config.getCurrentCluster() ?? {};
  const call = makeCall(k8s, config);
  const core = config.makeApiClient(k8s.CoreV1Api);
  const apps = config.makeApiClient(k8s.AppsV1Api);
  const custom = config.makeApiClient(k8s.CustomObjectsApi);
  const authorization = config.makeApiClient(k8s.AuthorizationV1Api);
  const group = { group: GROUP, version: VERSION };
  const mergePatch = ['Content-Type', 'application/merge-patch+json'] as const;

  return {
    context: config.getCurrentContext(),
    server,
    async listPods({ namespace, labels }, signal) {
      const labelSelector = selectorText(labels);
      return (
        await call(`list pods in ${namespace}`, signal, (options) =>
          core.listNamespacedPod({ namespace, labelSelector }, options),
        )
      ).items;
    },
    async listWorkloads(namespace, signal) {
      const doing = `list deployments and stateful sets in ${namespace}`;
      const [deployments, statefulSets] = await Promise.all([
        call(doing, signal, (options) => apps.listNamespacedDeployment({ namespace }, options)),
        call(doing, signal, (options) => apps.listNamespacedStatefulSet({ namespace }, options)),
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
        mergePatch,
      );
    },
    async create(object, { dryRun }, signal) {
      const { namespace } = object.metadata;
      const doing = `${dryRun ? 'check' : 'create'} the ${object.kind} ${object.metadata.name} in ${namespace}`;
      const plural = PLURALS[object.kind];
      return await call(doing, signal, (options) =>
        custom.createNamespacedCustomObject(
          { ...group, namespace, plural, body: object, ...(dryRun ? { dryRun: 'All' } : {}) },
          options,
        ),
      );
    },
    async read({ kind, namespace, name }, signal) {
      try {
        return await call(`read the ${kind} ${name} in ${namespace}`, signal, (options) =>
          custom.getNamespacedCustomObject({ ...group, namespace, plural: PLURALS[kind], name }, options),
        );
      } catch (error) {
        if (httpCode(error) === 404) return undefined;
        throw error;
      }
    },
    async list({ kind, namespace }, labelSelector, signal) {
      const found = await call(`list ${PLURALS[kind]} in ${namespace}`, signal, (options) =>
        custom.listNamespacedCustomObject(
          { ...group, namespace, plural: PLURALS[kind], labelSelector },
          options,
        ),
      );
      // Items of a list come without their kind.
      return (found.items as ChaosObject[]).map((item) => ({ ...item, kind }));
    },
    async remove({ kind, namespace, name }, uid, signal) {
      try {
        await call(`delete the ${kind} ${name} in ${namespace}`, signal, (options) =>
          custom.deleteNamespacedCustomObject(
            { ...group, namespace, plural: PLURALS[kind], name, body: { preconditions: { uid } } },
            options,
          ),
        );
        return true;
      } catch (error) {
        const code = httpCode(error);
        if (code === 404 || code === 409) return false;
        throw error;
      }
    },
    async listPodChaos(kind, namespace, signal) {
      const plural = POD_RESOURCE[kind];
      const found = await call(`list ${plural} in ${namespace}`, signal, (options) =>
        custom.listNamespacedCustomObject({ ...group, namespace, plural }, options),
      );
      return found.items as PodChaos[];
    },
    async listTold({ namespace, uid, reason }, signal) {
      const fieldSelector = `involvedObject.uid=${uid},reason=${reason}`;
      const found = await call(`list events in ${namespace}`, signal, (options) =>
        core.listNamespacedEvent({ namespace, fieldSelector }, options),
      );
      return found.items.map(({ message }) => message ?? '');
    },
    async patchPodChaos(kind, { metadata }, spec, signal) {
      const { namespace, name, resourceVersion } = metadata;
      const body = { metadata: { resourceVersion }, spec };
      await call(
        `change the ${POD_RESOURCE[kind]} ${name} in ${namespace}`,
        signal,
        (options) =>
          custom.patchNamespacedCustomObject(
            { ...group, namespace, plural: POD_RESOURCE[kind], name, body },
            options,
          ),
        mergePatch,
      );
    },
    async installedKinds(signal) {
      try {
        const found = await call('see whether Chaos Mesh is installed', signal, (options) =>
          custom.getAPIResources(group, options),
        );
        return new Set(found.resources.map((resource) => resource.kind));
      } catch (error) {
        if (httpCode(error) === 404) return undefined;
        throw error;
      }
    },
    async allowed(access, signal) {
      const body = { spec: { resourceAttributes: { ...access } } };
      const review = await call('ask which permissions there are', signal, (options) =>
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
