import type { DrillFault } from '../../../faults/index.ts';
import type { Look, Missing } from '../../../wait-until.ts';
import { objectKinds } from '../objects/index.ts';
import type { ChaosObject } from '../objects/types.ts';
import type { Pod } from '../pods.ts';
import { describeEvents, readProgress } from './records.ts';
import type { PodRules } from './rules.ts';

/** One reading of everything that can show an effect. */
export interface Scene {
  readonly object: ChaosObject | undefined;
  /** All pods of the component (a link: of its near end), terminating ones included. */
  readonly pods: readonly Pod[];
  /** Network, IO and HTTP faults: what Chaos Mesh keeps per pod for this object. */
  readonly rules: readonly PodRules[];
}

/** How it was before the fault. */
export interface Before {
  readonly pods: readonly Pod[];
  /** The far end of a link between pods. */
  readonly far: readonly Pod[];
  /** Those that are hit; empty for a link. */
  readonly targets: readonly Pod[];
}

/**
 * Is the fault in? Chaos Mesh's events and the pods themselves must both say so, where pods can show it; an effect without
 * an event is someone else's doing, and an event without an effect proves nothing.
 */
export function hasBegun(fault: DrillFault, before: Before, scene: Scene): Look<string[]> {
  const recorded = isRecorded(before, scene.object);
  if ('missing' in recorded) return recorded;
  const shown = effectOnPods(fault, before, scene);
  if ('missing' in shown) return shown;
  return { seen: [...shown.seen, ...recorded.seen] };
}

/** The part that the object alone can tell: do its events say that everything it has selected is hit? */
export function isRecorded(before: Before, object: ChaosObject | undefined): Look<string[]> {
  if (object === undefined) return { missing: 'no object of this fault is in the cluster' };
  const { selected, injected, failure } = readProgress(object);
  const expected = Math.max(1, before.targets.length);
  if (selected.length < expected || injected.length < selected.length) {
    const count = `${injected.length} of ${Math.max(expected, selected.length)} injected`;
    return { missing: failure === undefined ? count : `${count}; Chaos Mesh: ${failure}` };
  }
  return { seen: describeEvents(injected, 'Apply') };
}

/** Are the pods that were to be killed gone, or on their way? Alone it proves nothing: others kill pods as well. */
export function killedTargets(before: Before, pods: readonly Pod[]): Look<string[]> {
  return everyTarget(before, (target) => {
    const now = byUid(pods, target.uid);
    if (now !== undefined && !now.terminating) return { missing: `pod ${target.name} is still running` };
    return {
      seen: `pod ${target.name} (uid ${target.uid}) is ${now === undefined ? 'gone' : 'being removed'}`,
    };
  });
}

function effectOnPods(fault: DrillFault, before: Before, scene: Scene): Look<string[]> {
  switch (objectKinds[fault.kind]?.shownBy) {
    case 'killed-pods':
      return killedTargets(before, scene.pods);
    case 'ended-container':
      return everyTarget(before, (target) =>
        containerEnded(target, byUid(scene.pods, target.uid), scene.object),
      );
    case 'swapped-image':
      return everyTarget(before, (target) => podFailed(before, target, byUid(scene.pods, target.uid)));
    case 'rules':
      return rulesApplied(scene.rules);
    case 'stressors':
      return stressorsRun(scene.object);
    default:
      return { seen: [] };
  }
}

/** Are the pods themselves taken away, so that others must come for them? */
export function takesPods({ kind }: DrillFault): boolean {
  return objectKinds[kind]?.shownBy === 'killed-pods';
}

/**
 * Is the fault out, or what was killed back?
 * @param fewer so many less than were ready before are enough: an autoscaler may have taken some away
 */
export function hasEnded(fault: DrillFault, before: Before, scene: Scene, fewer = 0): Look<string[]> {
  const held = isHeld(fault, scene.object);
  if (held !== undefined) return held;
  if (scene.rules.length > 0) {
    return { missing: `rules of the fault are left in ${scene.rules.map((rule) => rule.pod).join(', ')}` };
  }
  const wanted = before.pods.filter((pod) => pod.ready).length - fewer;
  const gone = takesPods(fault) ? new Set(before.targets.map((pod) => pod.uid)) : new Set<string>();
  const ready = scene.pods.filter((pod) => pod.ready && !gone.has(pod.uid) && !isSwapped(before, pod));
  if (ready.length < wanted) return { missing: `${ready.length} of ${wanted} pods are ready` };
  const fresh = ready.filter((pod) => byUid(before.pods, pod.uid) === undefined);
  return {
    seen: [
      ...fresh.map((pod) => `pod ${pod.name} (new uid ${pod.uid}) is ready`),
      ...(objectKinds[fault.kind]?.shownBy === 'ended-container' ? restarted(before, scene) : []),
      `${ready.length} of ${wanted} pods are ready`,
      ...(isOneShot(fault) ? [] : ['the object is gone: Chaos Mesh has let go of it after the recovery']),
    ],
  };
}

/** The part that the object alone can tell: while it is there, so is the fault, unless that was over at once. */
export function isHeld(fault: DrillFault, object: ChaosObject | undefined): Missing | undefined {
  if (object === undefined || isOneShot(fault)) return undefined;
  const { injected, failure } = readProgress(object);
  const held = `the ${object.kind} is still there, ${injected.length} injected`;
  return { missing: failure === undefined ? held : `${held}; Chaos Mesh: ${failure}` };
}

const isOneShot = (fault: DrillFault) => !('for' in fault);

type One = { readonly seen: string } | { readonly missing: string };

function everyTarget(before: Before, look: (target: Pod) => One): Look<string[]> {
  const seen: string[] = [];
  for (const target of before.targets) {
    const one = look(target);
    if ('missing' in one) return one;
    seen.push(one.seen);
  }
  return { seen };
}

function containerEnded(target: Pod, now: Pod | undefined, object: ChaosObject | undefined): One {
  if (now === undefined) return { seen: `pod ${target.name} is gone` };
  const spec = object?.spec;
  const hit = spec !== undefined && 'containerNames' in spec ? (spec.containerNames ?? []) : [];
  for (const was of target.containers.filter(({ name }) => hit.includes(name))) {
    const is = now.containers.find(({ name }) => name === was.name);
    if (is !== undefined && (is.restarts > was.restarts || (is.id !== was.id && was.id !== ''))) {
      return { seen: `pod ${target.name}: container ${was.name} has ended, restart ${is.restarts}` };
    }
    if (is !== undefined && was.ready && !is.ready) {
      return { seen: `pod ${target.name}: container ${was.name} has ended` };
    }
  }
  return { missing: `container ${hit.join(', ')} of ${target.name} is that of before` };
}

function podFailed(before: Before, target: Pod, now: Pod | undefined): One {
  if (now === undefined) return { missing: `pod ${target.name} is gone, which is not a freeze` };
  // Without a readiness probe a pod is ready again as soon as the image that was put in runs.
  if (isSwapped(before, now) && runsAnew(target, now)) {
    return {
      seen: `pod ${target.name} (uid ${target.uid}) runs another image, its containers are out of service`,
    };
  }
  if (now.ready) return { missing: `pod ${target.name} is still ready` };
  return { seen: `pod ${target.name} (uid ${target.uid}) is not ready, its containers are out of service` };
}

function rulesApplied(rules: readonly PodRules[]): Look<string[]> {
  if (rules.length === 0) return { missing: 'no pod has got a rule of this fault' };
  for (const rule of rules) {
    if (rule.failure !== undefined) return { missing: `${rule.pod}: ${rule.failure}` };
    if (!rule.applied) return { missing: `${rule.pod} has not applied its rules yet` };
  }
  return { seen: rules.map((rule) => `${rule.pod}: ${rule.rules} rule(s) of this fault applied`) };
}

function stressorsRun(object: ChaosObject | undefined): Look<string[]> {
  const running = Object.entries(object?.status?.instances ?? {});
  if (running.length === 0) return { missing: 'no stressor runs' };
  return { seen: running.map(([id]) => `${id}: stressors run in its container`) };
}

function restarted(before: Before, scene: Scene): string[] {
  return before.targets.flatMap((target) => {
    const now = byUid(scene.pods, target.uid);
    return (now?.containers ?? [])
      .filter((c) => c.restarts > (target.containers.find(({ name }) => name === c.name)?.restarts ?? 0))
      .map((c) => `pod ${target.name}: container ${c.name} runs again (restart ${c.restarts})`);
  });
}

const runsAnew = (target: Pod, now: Pod) =>
  target.containers.every(({ name, id }) => {
    const is = now.containers.find((container) => container.name === name)?.id ?? '';
    return is !== '' && is !== id;
  });

/** Does the pod still have the image that pod-failure put in? */
export function isSwapped(before: Before, pod: Pod): boolean {
  const was = byUid(before.targets, pod.uid);
  return (
    was?.containers.some((c) => pod.containers.find(({ name }) => name === c.name)?.image !== c.image) ??
    false
  );
}

const byUid = (pods: readonly Pod[], uid: string) => pods.find((pod) => pod.uid === uid);
