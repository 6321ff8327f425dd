import type { Connection } from '../../kubernetes/connection.ts';
import { MERGE_PATCH } from '../../kubernetes/core-calls.ts';
import { httpCode } from '../../kubernetes/errors.ts';
import { patient } from '../../kubernetes/retry.ts';
import {
  type ChaosKind,
  type ChaosObject,
  GROUP,
  PLURALS,
  type POD_PLURALS,
  VERSION,
} from './objects/types.ts';

/** What squall asks about the objects of Chaos Mesh. Every call has a deadline of its own besides the caller's signal. */
export interface ObjectCalls {
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
  listPodChaos(kind: PodChaosKind, namespace: string, signal: AbortSignal): Promise<readonly PodChaos[]>;
  /** Replaces lists in the spec; refused (409) when it changed since it was read. */
  patchPodChaos(kind: PodChaosKind, of: PodChaos, spec: PodChaos['spec'], signal: AbortSignal): Promise<void>;
  /** Kinds of Chaos Mesh that are installed; undefined when it is not. */
  installedKinds(signal: AbortSignal): Promise<ReadonlySet<string> | undefined>;
}

export interface Named<Kind> {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}
export type PodChaosKind = keyof typeof POD_PLURALS;

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

export function objectCalls({ k8s, config, call }: Connection): ObjectCalls {
  const custom = config.makeApiClient(k8s.CustomObjectsApi);
  const group = { group: GROUP, version: VERSION };
  const ask = patient(call);
  return {
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
        return await ask(`read the ${kind} ${name} in ${namespace}`, signal, (options) =>
          custom.getNamespacedCustomObject({ ...group, namespace, plural: PLURALS[kind], name }, options),
        );
      } catch (error) {
        if (httpCode(error) === 404) return undefined;
        throw error;
      }
    },
    async list({ kind, namespace }, labelSelector, signal) {
      const found = await ask(`list ${PLURALS[kind]} in ${namespace}`, signal, (options) =>
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
      const found = await ask(`list ${plural} in ${namespace}`, signal, (options) =>
        custom.listNamespacedCustomObject({ ...group, namespace, plural }, options),
      );
      return found.items as PodChaos[];
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
        MERGE_PATCH,
      );
    },
    async installedKinds(signal) {
      try {
        const found = await ask('see whether Chaos Mesh is installed', signal, (options) =>
          custom.getAPIResources(group, options),
        );
        return new Set(found.resources.map((resource) => resource.kind));
      } catch (error) {
        if (httpCode(error) === 404) return undefined;
        throw error;
      }
    },
  };
}
