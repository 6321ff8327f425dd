import type { DrillFault } from '../../../faults/index.ts';
import { objectKinds } from '../objects/index.ts';
import type { ChaosObject, ContainerRecord } from '../objects/types.ts';
import type { Pod } from '../pods.ts';
import { type Before, isSwapped, type Scene } from './effects.ts';
import { readProgress } from './records.ts';

/** All that tells whether a fault that went in is in still. */
export interface Standing {
  readonly before: Before;
  /** When its effect was seen. */
  readonly begun: Scene;
  readonly now: Scene;
  /** Where the pods that were hit are looked for: a database operator takes the label of a primary from one that it replaces. */
  readonly hit: readonly Pod[];
  /** The far end of a link between pods, now. */
  readonly far: readonly Pod[];
  /** The container that is hit, for kinds that act in one. */
  readonly container: string | undefined;
}

/**
 * Why a fault that lasts was no longer in (or not for everyone) right before squall took it out; undefined when it was. Chaos Mesh
 * does not tell: a fault does not survive the restart of its pod or container, pods that come later get none, and the recovery of
 * a pod that is gone is recorded as a success.
 */
export function whyNotInForce(fault: DrillFault, standing: Standing): string | undefined {
  const { begun, now } = standing;
  // Somebody else deleted it, which the deletion shows.
  if (now.object === undefined) return undefined;
  for (const target of standing.before.targets) {
    const reason = whyNotHit(fault, target, standing);
    if (reason !== undefined) return reason;
  }
  const carrying = new Set(now.rules.map(({ pod }) => pod));
  const freed = begun.rules.find(({ pod }) => !carrying.has(pod));
  if (freed !== undefined)
    return `${freed.pod} has lost the rules of the fault: it was replaced, or they were taken out`;
  const recovered = readProgress(begun.object).injected.length - readProgress(now.object).injected.length;
  if (recovered > 0) return `Chaos Mesh had recovered ${recovered} of those it had hit`;
  const again = recoveredSince(begun.object, now.object);
  if (again > 0)
    return `Chaos Mesh had recovered ${again} of those it had hit, and hit them again (a pause of the ${now.object.kind}?)`;
  return whyNotTheWholeLink(standing);
}

function whyNotHit(
  fault: DrillFault,
  target: Pod,
  { before, begun, hit, container }: Standing,
): string | undefined {
  const pod = `pod ${target.name} (uid ${target.uid})`;
  const is = hit.find(({ uid }) => uid === target.uid);
  if (is === undefined || is.terminating) return `${pod} was replaced while the fault was to be in it`;
  if (objectKinds[fault.kind]?.shownBy === 'swapped-image' && !isSwapped(before, is))
    return `${pod} had its own image again`;
  if (!objectKinds[fault.kind]?.inContainer) return undefined;
  const idIn = (pods: readonly Pod[]) =>
    pods.find(({ uid }) => uid === target.uid)?.containers.find(({ name }) => name === container)?.id;
  if (idIn(begun.pods) === idIn(hit)) return undefined;
  return `container ${container} of ${pod} was restarted while the fault was to be in it`;
}

/**
 * Of an object that was paused and resumed, everything is injected again. Only recoveries are counted: Chaos Mesh may have to inject
 * something again by itself, and recovers nothing before the object is paused, deleted or at its end.
 */
function recoveredSince(begun: ChaosObject | undefined, now: ChaosObject): number {
  const keyOf = ({ id, selectorKey }: ContainerRecord) => JSON.stringify([id, selectorKey]);
  const counts = new Map(readProgress(begun).selected.map((one) => [keyOf(one), one.recoveredCount]));
  return readProgress(now).selected.filter((one) => one.recoveredCount > (counts.get(keyOf(one)) ?? 0))
    .length;
}

/** Rules name the pods of both ends as they were when the object came: who came later is not in them. */
function whyNotTheWholeLink({ before, now, far }: Standing): string | undefined {
  if (before.targets.length > 0) return undefined;
  const selected = new Set(readProgress(now.object).selected.map(({ id }) => id));
  const ends = [
    { was: before.pods, is: now.pods },
    { was: before.far, is: far },
  ];
  for (const { was, is } of ends) {
    // An end that Chaos Mesh keeps no records of tells nothing.
    if (!was.some((pod) => selected.has(idOf(pod)))) continue;
    const known = new Map(was.map((pod) => [idOf(pod), pod.uid]));
    const late = is.filter(
      (pod) => pod.ready && (!selected.has(idOf(pod)) || (known.get(idOf(pod)) ?? pod.uid) !== pod.uid),
    );
    if (late.length > 0) {
      return `${late.map(({ name }) => name).join(', ')} joined the link later, and the fault was not in there (an autoscaler, a rollout?)`;
    }
  }
  return undefined;
}

const idOf = ({ namespace, name }: Pod) => `${namespace}/${name}`;
