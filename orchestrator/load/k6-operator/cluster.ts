import type { V1OwnerReference, V1Pod } from '@kubernetes/client-node';
import { type Connection, openConnection } from '../../../chaos/kubernetes/connection.ts';
import { type CoreCalls, coreCalls } from '../../../chaos/kubernetes/core-calls.ts';
import { httpCode } from '../../../chaos/kubernetes/errors.ts';
import { type ExecCalls, execCalls } from '../../../chaos/kubernetes/exec.ts';
import { type ExecStreamCalls, execStreamCalls } from '../../../chaos/kubernetes/exec-stream.ts';
import { type FollowCalls, followCalls } from '../../../chaos/kubernetes/follow-log.ts';
import { caller } from './errors.ts';
import { GROUP, PLURAL, type TestRun, VERSION } from './test-run.ts';

/** What squall asks of a cluster on which its load runs. Every call has a deadline of its own besides the caller's signal. */
export interface LoadCluster extends CoreCalls, ExecCalls, ExecStreamCalls, FollowCalls {
  readonly context: string;
  readonly server: string;
  /** Is the resource TestRun there? */
  hasOperator(signal: AbortSignal): Promise<boolean>;
  /** @returns its UID */
  create(object: LoadObject, signal: AbortSignal): Promise<string>;
  readTestRun(at: Place, signal: AbortSignal): Promise<TestRun | undefined>;
  /** Names of the objects of one sort that carry these labels. */
  list(sort: LoadSort | 'jobs', at: Labelled, signal: AbortSignal): Promise<readonly Found[]>;
  pods(at: Labelled, signal: AbortSignal): Promise<readonly V1Pod[]>;
  /** Nothing happens when it is not there. */
  remove(sort: MadeSort, at: Place, signal: AbortSignal): Promise<void>;
}

export type LoadSort = 'testruns' | 'configmaps' | 'secrets';
/** All that this runner makes by itself. */
export type MadeSort = LoadSort | 'pods';
export interface Place {
  readonly namespace: string;
  readonly name: string;
}
export interface Labelled {
  readonly namespace: string;
  /** A label selector as text. */
  readonly labels: string;
}
export interface Found extends Place {
  readonly labels: Readonly<Record<string, string>>;
}
export type LoadObject =
  | { readonly sort: 'testruns'; readonly body: TestRun }
  | { readonly sort: 'configmaps'; readonly body: Bundle }
  | { readonly sort: 'secrets'; readonly body: Variables }
  | { readonly sort: 'pods'; readonly body: TrialPod };

interface Metadata extends Place {
  readonly labels: Readonly<Record<string, string>>;
}
interface Bundle {
  /** With an owner, it goes when that one does. */
  readonly metadata: Metadata & { readonly ownerReferences?: V1OwnerReference[] };
  readonly binaryData: Readonly<Record<string, string>>;
}
interface Variables {
  readonly metadata: Metadata;
  readonly stringData: Readonly<Record<string, string>>;
}
export interface TrialPod {
  readonly metadata: Metadata;
  readonly spec: object;
}

/** Runners end by themselves within this time when their pod is deleted; k6 flushes its samples in it. */
const POD_GRACE_SECONDS = 3;

/** @throws ProviderError when there is no usable kubeconfig. Makes no call yet. */
export async function connectLoad(wanted: Parameters<typeof openConnection>[0]): Promise<LoadCluster> {
  const connection = await openConnection(wanted, caller);
  const { context, server } = connection;
  return {
    context,
    server,
    ...coreCalls(connection),
    ...execCalls(connection),
    ...execStreamCalls(connection),
    ...followCalls(connection),
    ...loadCalls(connection),
  };
}

type LoadCalls = Pick<LoadCluster, 'hasOperator' | 'create' | 'readTestRun' | 'list' | 'pods' | 'remove'>;

function loadCalls({ k8s, config, call }: Connection): LoadCalls {
  const core = config.makeApiClient(k8s.CoreV1Api);
  const batch = config.makeApiClient(k8s.BatchV1Api);
  const custom = config.makeApiClient(k8s.CustomObjectsApi);
  const group = { group: GROUP, version: VERSION, plural: PLURAL };
  return {
    async hasOperator(signal) {
      try {
        const found = await call('list the resources of k6-operator', signal, (options) =>
          custom.getAPIResources({ group: GROUP, version: VERSION }, options),
        );
        return found.resources.some(({ name }) => name === PLURAL);
      } catch (error) {
        if (httpCode(error) === 404) return false;
        throw error;
      }
    },
    async create(object, signal) {
      const { namespace, name } = object.body.metadata;
      const doing = `create ${object.sort} ${name} in ${namespace}`;
      const { sort } = object;
      const made = await call<{ metadata?: { uid?: string } }>(doing, signal, (options) => {
        if (sort === 'testruns')
          return custom.createNamespacedCustomObject({ ...group, namespace, body: object.body }, options);
        if (sort === 'configmaps')
          return core.createNamespacedConfigMap({ namespace, body: object.body }, options);
        if (sort === 'pods')
          return core.createNamespacedPod({ namespace, body: object.body as V1Pod }, options);
        return core.createNamespacedSecret({ namespace, body: object.body }, options);
      });
      return made.metadata?.uid ?? '';
    },
    async readTestRun({ namespace, name }, signal) {
      return await unlessGone(
        call(`read the TestRun ${name} in ${namespace}`, signal, (options) =>
          custom.getNamespacedCustomObject({ ...group, namespace, name }, options),
        ),
      );
    },
    async list(sort, { namespace, labels: labelSelector }, signal) {
      const at = { namespace, labelSelector };
      const { items } = await call<{ items: readonly { metadata?: object }[] }>(
        `list ${sort} in ${namespace}`,
        signal,
        (options) => {
          if (sort === 'testruns') return custom.listNamespacedCustomObject({ ...group, ...at }, options);
          if (sort === 'jobs') return batch.listNamespacedJob(at, options);
          if (sort === 'configmaps') return core.listNamespacedConfigMap(at, options);
          return core.listNamespacedSecret(at, options);
        },
      );
      return items.map(
        ({ metadata }) => ({ namespace, labels: {}, ...(metadata as Partial<Found>) }) as Found,
      );
    },
    async pods({ namespace, labels: labelSelector }, signal) {
      const { items } = await call(`list pods in ${namespace}`, signal, (options) =>
        core.listNamespacedPod({ namespace, labelSelector }, options),
      );
      return items;
    },
    async remove(sort, { namespace, name }, signal) {
      await unlessGone(
        call<unknown>(`delete ${sort} ${name} in ${namespace}`, signal, (options) => {
          const at = { namespace, name };
          if (sort === 'testruns')
            return custom.deleteNamespacedCustomObject(
              { ...group, ...at, propagationPolicy: 'Background' },
              options,
            );
          if (sort === 'pods')
            return core.deleteNamespacedPod({ ...at, gracePeriodSeconds: POD_GRACE_SECONDS }, options);
          if (sort === 'configmaps') return core.deleteNamespacedConfigMap(at, options);
          return core.deleteNamespacedSecret(at, options);
        }),
      );
    },
  };
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (httpCode(error) === 404) return undefined;
    throw error;
  }
}
