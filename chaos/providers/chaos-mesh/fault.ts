import { deadline } from '../../deadline.ts';
import { httpCode } from '../../kubernetes/errors.ts';
import { kubeconfigPath } from '../../kubernetes/kubeconfig.ts';
import { labelValue, objectLabels, objectName, RUN_LABEL } from '../../kubernetes/naming.ts';
import { askAgain } from '../../kubernetes/retry.ts';
import { type FaultRequest, NoEvidenceError, type PreparedFault, type Target } from '../../provider.ts';
import { type Missing, pause, seenBy } from '../../wait-until.ts';
import type { Cluster } from './cluster.ts';
import type { ChaosMeshComponent } from './component.ts';
import { refuse } from './errors.ts';
import { findFar, readBefore } from './evidence/before.ts';
import { hasBegun, hasEnded, isHeld, isRecorded, type Scene, takesPods } from './evidence/effects.ts';
import { makeObserver } from './evidence/observer.ts';
import { readProgress } from './evidence/records.ts';
import { whyNotInForce } from './evidence/standing.ts';
import { watchUnrecorded } from './evidence/unrecorded.ts';
import { buildObject } from './objects/build.ts';
import { checkObject, isOneShot } from './objects/check.ts';
import type { Hit } from './objects/request.ts';
import type { ChaosObject } from './objects/types.ts';
import { fewerWanted, findPods, readReplicas } from './pods.ts';
import { deleteObject, type ObjectPlace, undoRecord } from './undo.ts';

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
  await askAgain(() => cluster.create(object, { dryRun: true }, signal), signal);
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
  const [before, replicas] = await Promise.all([
    readBefore(cluster, component, targets, signal),
    readReplicas(cluster, component, signal),
  ]);
  const observer = makeObserver(cluster, component, place);
  /** When it was still as it was before the last thing that squall did to it. */
  let unchangedAt: number | undefined;
  /** As it was when its effect was seen. */
  let begun: Scene | undefined;
  /** Only the first revert can tell: a later one finds what squall has deleted itself. */
  let hasReverted = false;
  /** Why nothing proves that it lasted. */
  let lapsed: string | undefined;
  /** It has done its work, and could not be deleted. */
  let isLeft = false;

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
      const unrecorded = watchUnrecorded(cluster, before);
      return await observer.wait(
        `${fault.kind} on ${request.componentName} shows no effect`,
        observeSignal,
        async (object, whole, since) => {
          const recorded = isRecorded(before, object);
          if ('missing' in recorded && !takesPods(fault)) return giveUpOnFailure(recorded, object, trouble);
          const scene = await whole();
          const look = hasBegun(fault, before, scene);
          if ('seen' in look) {
            begun = scene;
            return { seen: seenBy(since, look.seen) };
          }
          const left = 'missing' in recorded ? await unrecorded(scene, recorded, since, observeSignal) : look;
          return 'seen' in left ? left : giveUpOnFailure(left, object, trouble);
        },
        unchangedAt,
      );
    },
    async revert(revertSignal, stopped = false) {
      const wasIn = !hasReverted && !isOneShot(object) ? begun : undefined;
      hasReverted = true;
      observer.remember(revertSignal);
      if (wasIn !== undefined && !stopped)
        lapsed = await lookAgain(wasIn, deadline(LOOK_AGAIN_MS, revertSignal));
      unchangedAt = Date.now();
      const outcome = await deleteObject(cluster, place, revertSignal);
      if (outcome.state === 'failed')
        throw refuse(outcome.detail, `type: ${undoRecord(fault.name, place).command}`);
      // It existed, it lasts, and squall did not delete it, so nobody knows how long it was in.
      if (wasIn !== undefined && outcome.state === 'nothing-to-undo')
        lapsed = `somebody else deleted the ${place.kind} ${place.name} before squall did`;
    },
    async observeEnd(endSignal) {
      const what = `${request.componentName} is not back after ${fault.kind}`;
      const evidence = await observer.wait(
        what,
        endSignal,
        async (now, whole, since) => {
          const held = isHeld(fault, now);
          if (held !== undefined) return held;
          const scene = await whole();
          let ended = hasEnded(fault, before, scene);
          // An autoscaler may want fewer by now than there were.
          if ('missing' in ended) {
            const fewer = fewerWanted(replicas, await readReplicas(cluster, component, endSignal));
            if (fewer > 0) ended = hasEnded(fault, before, scene, fewer);
          }
          return 'seen' in ended ? { seen: seenBy(since, ended.seen) } : ended;
        },
        unchangedAt,
      );
      if (lapsed !== undefined)
        throw new NoEvidenceError(`${lapsed}: nothing proves that ${fault.kind} lasted`);
      // A kill has done its work; its object must not stay until the end of the run.
      if (isOneShot(object)) isLeft = !(await tryDelete(cluster, place, endSignal));
      return { ...evidence, seen: [...evidence.seen, ...observer.recoveries()] };
    },
    isLeft: () => isLeft,
  };

  /** As often as there is time for: an API server that fails once must not cost the drill. */
  async function lookAgain(then: Scene, lookSignal: AbortSignal): Promise<string | undefined> {
    for (;;) {
      try {
        return whyNotInForce(fault, { before, begun: then, ...(await standingNow(lookSignal)) });
      } catch (error) {
        await pause(LOOK_PAUSE_MS, lookSignal);
        if (lookSignal.aborted)
          return `nobody could look whether it was still in (${(error as Error).message})`;
      }
    }
  }

  async function standingNow(lookSignal: AbortSignal) {
    const [now, far] = await Promise.all([
      observer.scene(lookSignal),
      findFar(cluster, component, lookSignal),
    ]);
    const isRelabelled = before.targets.some(({ uid }) => !now.pods.some((pod) => pod.uid === uid));
    const { namespace } = component;
    const hit = isRelabelled ? await findPods(cluster, { namespace, labels: {} }, lookSignal) : now.pods;
    return { now, far, hit, container: hitOf(component, targets).container };
  }
}

/** One look, right before a fault is taken out. A busy API server may take seconds; the fault must not stay in for long because of it. */
const LOOK_AGAIN_MS = 8_000;
const LOOK_PAUSE_MS = 300;

function hitOf(component: ChaosMeshComponent, targets: readonly Target[]): Hit {
  if (component.to !== undefined) return { matching: { count: 'all' }, container: undefined };
  const container = targets[0]?.identity.container;
  return {
    pods: targets.map(({ identity }) => String(identity.pod)),
    container: container === undefined ? undefined : String(container),
  };
}

/** Whether it is gone. An error takes nothing from what was seen: its undo tries again. */
async function tryDelete(cluster: Cluster, place: ObjectPlace, signal: AbortSignal): Promise<boolean> {
  try {
    return (await deleteObject(cluster, place, signal)).state !== 'failed';
  } catch {
    return false;
  }
}

async function createOnce(
  cluster: Cluster,
  object: ChaosObject,
  place: ObjectPlace,
  signal: AbortSignal,
): Promise<void> {
  try {
    await askAgain(() => cluster.create(object, { dryRun: false }, signal), signal);
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

/** Chaos Mesh never stops trying. After a while of nothing but failures, waiting longer only delays the verdict. */
function giveUpOnFailure(
  look: Missing,
  object: ChaosObject | undefined,
  trouble: { since: number },
): Missing {
  if (readProgress(object).failure === undefined) trouble.since = 0;
  else if (trouble.since === 0) trouble.since = Date.now();
  return trouble.since !== 0 && Date.now() - trouble.since > FAILING_FOR_MS ? { ...look, never: true } : look;
}
