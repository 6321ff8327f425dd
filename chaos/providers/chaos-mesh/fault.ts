import { firstOf } from '../../deadline.ts';
import {
  type Evidence,
  type FaultRequest,
  NoEvidenceError,
  type PreparedFault,
  type Target,
} from '../../provider.ts';
import type { Cluster } from './cluster.ts';
import { selectorText } from './cluster.ts';
import type { ChaosMeshComponent } from './component.ts';
import { type Before, hasBegun, hasEnded, type Scene } from './effects.ts';
import { httpCode, refuse } from './errors.ts';
import { kubeconfigPath } from './kubeconfig.ts';
import { labelValue, objectLabels, objectName, RUN_LABEL } from './naming.ts';
import { buildObject } from './objects/build.ts';
import { checkObject, isOneShot } from './objects/check.ts';
import type { Hit } from './objects/selection.ts';
import { type ChaosObject, GROUP, PLURALS, VERSION } from './objects/types.ts';
import { findPods } from './pods.ts';
import { describeEvents, readProgress } from './records.ts';
import { readRules } from './rules.ts';
import { deleteObject, type ObjectPlace, undoRecord } from './undo.ts';
import { makeWake, seenBy, until } from './until.ts';

/**
 * One Chaos Mesh object, built, checked by squall and (dry run) by the cluster's own schema and webhooks; nothing is created
 * before `act`. @throws ProviderError when either refuses it, or the targets are no longer those that were planned
 */
export async function prepareObject(
  cluster: Cluster,
  request: FaultRequest,
  component: ChaosMeshComponent,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<PreparedFault> {
  const { fault, run } = request;
  const object = buildObject(
    { fault, componentName: request.componentName, component, hit: hitOf(component, targets) },
    { name: objectName(run, fault.name), labels: objectLabels(run, fault.name) },
  );
  const reaches = [...new Set([component.namespace, component.to?.namespace ?? component.namespace])];
  checkObject(object, reaches);
  await cluster.create(object, { dryRun: true }, signal);
  const place: ObjectPlace = {
    kind: object.kind,
    namespace: object.metadata.namespace,
    name: object.metadata.name,
    run: labelValue(run),
    context: cluster.context,
    server: cluster.server,
    kubeconfig: kubeconfigPath(undefined),
    reaches,
  };
  const before = await readBefore(cluster, component, targets, signal);
  const observer = makeObserver(cluster, component, place);
  /** When it was still as it was before the last thing that squall did to it. */
  let unchangedAt: number | undefined;
  let wasSeen = false;
  /** Only the first revert can tell: a later one finds what squall has deleted itself. */
  let hasReverted = false;
  let deletedByOthers = false;

  return {
    undo: [undoRecord(fault.name, place)],
    async act(actSignal) {
      if (await isThere(cluster, place, actSignal)) return;
      await readBefore(cluster, component, targets, actSignal);
      unchangedAt = Date.now();
      await createOnce(cluster, object, place, actSignal);
    },
    async observe(observeSignal) {
      const trouble = { since: 0 };
      const evidence = await observer.wait(
        `${fault.kind} on ${request.componentName} shows no effect`,
        observeSignal,
        (scene) => {
          const look = hasBegun(fault, before, scene);
          return giveUpOnFailure(look, scene, trouble);
        },
        unchangedAt,
      );
      wasSeen = true;
      return evidence;
    },
    async revert(revertSignal) {
      const isFirst = !hasReverted;
      hasReverted = true;
      observer.remember(revertSignal);
      unchangedAt = Date.now();
      const outcome = await deleteObject(cluster, place, revertSignal);
      if (outcome.state === 'failed')
        throw refuse(outcome.detail, `type: ${undoRecord(fault.name, place).command}`);
      // It was there, it lasts, and squall did not delete it: nobody knows for how long it was in.
      if (isFirst && wasSeen && !isOneShot(object) && outcome.state === 'nothing-to-undo') {
        deletedByOthers = true;
      }
    },
    async observeEnd(endSignal) {
      const what = `${request.componentName} is not back after ${fault.kind}`;
      const evidence = await observer.wait(
        what,
        endSignal,
        (scene) => hasEnded(fault, before, scene),
        unchangedAt,
      );
      if (deletedByOthers) {
        throw new NoEvidenceError(
          `somebody else deleted the ${place.kind} ${place.name} before squall did: nothing proves that ${fault.kind} lasted`,
        );
      }
      // A kill has done its work; its object must not stay until the end of the run.
      if (isOneShot(object)) await deleteObject(cluster, place, endSignal);
      return { ...evidence, seen: [...evidence.seen, ...observer.recoveries()] };
    },
  };
}

function hitOf(component: ChaosMeshComponent, targets: readonly Target[]): Hit {
  if (component.to !== undefined) return { matching: { count: 'all' }, container: undefined };
  const container = targets[0]?.identity.container;
  return {
    pods: targets.map(({ identity }) => String(identity.pod)),
    container: container === undefined ? undefined : String(container),
  };
}

/** @throws ProviderError when a target is no longer the pod that was planned: another may have taken its name */
async function readBefore(
  cluster: Cluster,
  component: ChaosMeshComponent,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<Before> {
  const pods = await findPods(cluster, component, signal);
  if (component.to !== undefined) return { pods, targets: [] };
  const hit = targets.map(({ identity, label }) => {
    const pod = pods.find(({ uid, terminating }) => uid === identity.uid && !terminating);
    if (pod !== undefined) return pod;
    throw refuse(
      `the target ${label} is no longer there`,
      'run the drill again: the component changed in between',
    );
  });
  return { pods, targets: hit };
}

async function createOnce(
  cluster: Cluster,
  object: ChaosObject,
  place: ObjectPlace,
  signal: AbortSignal,
): Promise<void> {
  try {
    await cluster.create(object, { dryRun: false }, signal);
  } catch (error) {
    if (httpCode(error) !== 409) throw error;
    if (!(await isThere(cluster, place, signal))) throw error;
  }
}

async function isThere(cluster: Cluster, place: ObjectPlace, signal: AbortSignal): Promise<boolean> {
  const there = await cluster.read(place, signal);
  return there?.metadata.labels?.[RUN_LABEL] === place.run && there.metadata.deletionTimestamp === undefined;
}

const FAILING_FOR_MS = 8_000;

/** Chaos Mesh tries again for ever. When nothing but failures has come for a while, waiting on only delays the verdict. */
function giveUpOnFailure(
  look: ReturnType<typeof hasBegun>,
  scene: Scene,
  trouble: { since: number },
): ReturnType<typeof hasBegun> {
  if ('seen' in look) return look;
  if (readProgress(scene.object).failure === undefined) trouble.since = 0;
  else if (trouble.since === 0) trouble.since = Date.now();
  return trouble.since !== 0 && Date.now() - trouble.since > FAILING_FOR_MS ? { ...look, never: true } : look;
}

function makeObserver(cluster: Cluster, component: ChaosMeshComponent, place: ObjectPlace) {
  let last: ChaosObject | undefined;
  const objectPath = `/apis/${GROUP}/${VERSION}/namespaces/${place.namespace}/${PLURALS[place.kind]}`;
  const objectQuery = { fieldSelector: `metadata.name=${place.name}` };

  async function scene(signal: AbortSignal): Promise<Scene> {
    const [object, pods, rules] = await Promise.all([
      cluster.read(place, signal),
      findPods(cluster, component, signal),
      readRules(cluster, place, place.reaches, signal),
    ]);
    if (object !== undefined) last = object;
    return { object, pods, rules };
  }
  function keep(object: unknown): void {
    const seen = object as ChaosObject | undefined;
    if (seen?.metadata?.name === place.name) last = seen;
  }

  return {
    /** Keeps the newest state of the object until the signal ends: its last events come right before it goes. */
    remember(signal: AbortSignal) {
      cluster.watch(objectPath, objectQuery, keep, signal);
    },
    /** What the object last said about recoveries, also when it is gone. */
    recoveries: () => describeEvents(readProgress(last).recovered, 'Recover'),
    async wait(
      what: string,
      signal: AbortSignal,
      look: (scene: Scene) => ReturnType<typeof hasBegun>,
      notBefore: number | undefined,
    ): Promise<Evidence> {
      const wake = makeWake();
      const watching = new AbortController();
      const watchSignal = firstOf(signal, watching.signal);
      const podPath = `/api/v1/namespaces/${component.namespace}/pods`;
      cluster.watch(
        podPath,
        { labelSelector: selectorText(component.labels) },
        () => wake.call(),
        watchSignal,
      );
      cluster.watch(
        objectPath,
        objectQuery,
        (object) => {
          keep(object);
          wake.call();
        },
        watchSignal,
      );
      try {
        return await until(
          what,
          async (since) => {
            const result = look(await scene(signal));
            return 'seen' in result ? { seen: seenBy(since, result.seen) } : result;
          },
          { signal, wake, notBefore },
        );
      } finally {
        watching.abort();
      }
    },
  };
}
