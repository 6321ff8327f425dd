import { z } from 'zod';
import { httpCode } from '../../kubernetes/errors.ts';
import { kubectl } from '../../kubernetes/kubectl.ts';
import { RUN_LABEL } from '../../kubernetes/naming.ts';
import type { UndoOutcome, UndoRecord } from '../../provider.ts';
import { pause } from '../../wait-until.ts';
import type { Cluster } from './cluster.ts';
import { PROTECTED_NAMESPACES } from './component.ts';
import { readProgress } from './evidence/records.ts';
import { type PodRules, readRules, removeRules } from './evidence/rules.ts';
import { type ChaosKind, type ChaosObject, type ContainerRecord, PLURALS } from './objects/types.ts';

/** They go into commands that people type: names as Kubernetes has them, and nothing else. */
const dnsName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'not a name in Kubernetes');
const namespace = dnsName.refine((name) => !PROTECTED_NAMESPACES.includes(name), 'a protected namespace');
const oneLine = z
  .string()
  .max(8_192)
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'more than one line');

/** What an undo needs to find the object again from any process. No secrets: the kubeconfig is named, not copied. */
export const objectPlace = z.object({
  kind: z.enum(Object.keys(PLURALS) as [ChaosKind, ...ChaosKind[]]),
  namespace,
  name: dnsName,
  /** The value of the label squall/run. */
  run: z.string().regex(/^([A-Za-z0-9]([-A-Za-z0-9._]{0,61}[A-Za-z0-9])?)?$/, 'not the value of a label'),
  context: oneLine,
  server: oneLine.min(1),
  kubeconfig: oneLine,
  /** Namespaces whose pods the object reaches. */
  reaches: z.array(namespace).min(1).max(100),
});
export type ObjectPlace = Readonly<z.output<typeof objectPlace>>;

export const UNDO_ACTION = 'delete-object';
/** An object that the server is still busy creating when its creator dies appears after this at the latest. */
const APPEARS_WITHIN_MS = 1_000;
/** Healthy recoveries take one to three seconds. */
const STUCK_AFTER_MS = 5_000;
const GIVE_UP_MS = 40_000;
/** Refused credentials stay refused, unless they are just being renewed, and the person who has to type the command should not wait. */
const REFUSED_GIVE_UP_MS = 8_000;
/** Reaching the cluster comes on top: the time of the undo counts from before the client is loaded. */
const UNDO_DEADLINE_MS = GIVE_UP_MS + 10_000;
/** Shortly before the caller gives up, so that what it has seen is not lost. */
export const UNDO_ANSWERS_WITHIN_MS = UNDO_DEADLINE_MS - 3_000;
const POLL_MS = 200;

export function undoRecord(fault: string, place: ObjectPlace): UndoRecord {
  const at = `${place.namespace}/${place.name}`;
  return {
    id: `chaos-mesh:${at}`,
    provider: 'chaos-mesh',
    fault,
    action: UNDO_ACTION,
    data: { ...place },
    describe: `delete the ${place.kind} ${at} (context ${place.context}), which ends the fault`,
    command: `${kubectl(place)} delete ${PLURALS[place.kind]} ${place.name}`,
    deadlineMs: UNDO_DEADLINE_MS,
  };
}

/**
 * Deletes the object by its UID, waits until Chaos Mesh has recovered the pods and let it go, and says what is still in effect
 * when it does not. Finalizers are never touched: to let go of an object without its recovery is a decision for a person, who
 * gets the command. Idempotent. @throws when nobody could look whether the object is there
 */
export async function deleteObject(
  cluster: Cluster,
  place: ObjectPlace,
  signal: AbortSignal,
): Promise<UndoOutcome> {
  if (cluster.server !== place.server) {
    return outOfReach(
      `context ${place.context} now leads to ${cluster.server}, and the fault is on ${place.server}`,
    );
  }
  const found = await appears(cluster, place, signal);
  if (found === undefined) {
    let rules: readonly PodRules[];
    try {
      rules = await readRules(cluster, place, place.reaches, signal);
    } catch (error) {
      return outOfReach(
        `the object is gone, and its rules in the pods cannot be read: ${(error as Error).message}`,
      );
    }
    if (rules.length === 0)
      return { state: 'nothing-to-undo', detail: `no ${place.kind} ${place.name} is there` };
    const cleared = await removeRules(cluster, place, place.reaches, signal).catch((error: Error) => error);
    if (cleared instanceof Error) return { ...failed(cleared.message), sight: 'there' };
    return { state: 'undone', detail: `the object was gone, its rules in ${cleared.join(', ')} are removed` };
  }
  if (found.metadata.labels?.[RUN_LABEL] !== place.run) {
    return failed(
      `the ${place.kind} ${place.name} does not carry the label ${RUN_LABEL}=${place.run}: it is not squall's`,
    );
  }
  return await removeAndWait(cluster, place, found, signal);
}

async function removeAndWait(
  cluster: Cluster,
  place: ObjectPlace,
  found: ChaosObject,
  signal: AbortSignal,
): Promise<UndoOutcome> {
  const notes: string[] = [];
  const uid = found.metadata.uid ?? '';
  const started = Date.now();
  let object = found;
  let trouble: string | undefined;
  const patience = createPatience();
  while (!signal.aborted && !patience.isOver()) {
    try {
      if (object.metadata.deletionTimestamp === undefined) await cluster.remove(place, uid, signal);
      const now = await cluster.read(place, signal);
      if (now === undefined || now.metadata.uid !== uid) {
        const took = `${place.kind} ${place.name} (uid ${uid.slice(0, 8)}) is gone after ${Date.now() - started} ms`;
        return { state: 'undone', detail: [took, ...notes].join('; ') };
      }
      object = now;
      patience.answered();
      if (Date.now() - started > STUCK_AFTER_MS) {
        const cleared = await removeRules(cluster, place, place.reaches, signal);
        if (cleared.length > 0) notes.push(stuckNote(object, cleared));
      }
    } catch (error) {
      trouble = (error as Error).message;
      // Once it is on its way out, it may yet go while nobody can look.
      if (object.metadata.deletionTimestamp === undefined) patience.failed(error);
    }
    await pause(POLL_MS, signal);
  }
  return stuck(place, object, trouble, notes);
}

async function appears(
  cluster: Cluster,
  place: ObjectPlace,
  signal: AbortSignal,
): Promise<ChaosObject | undefined> {
  const deadline = Date.now() + APPEARS_WITHIN_MS;
  const patience = createPatience();
  for (;;) {
    try {
      const found = await cluster.read(place, signal);
      if (found !== undefined || Date.now() >= deadline) return found;
    } catch (error) {
      // An API server that restarts must not cost the undo: try for as long as there is time.
      patience.failed(error);
      if (signal.aborted || patience.isOver()) throw error;
    }
    await pause(POLL_MS, signal);
  }
}

/** Over when the whole time is, or credentials have been refused for a while without a break: a server that starts may refuse once. */
function createPatience() {
  const started = Date.now();
  let refusedSince: number | undefined;
  return {
    answered() {
      refusedSince = undefined;
    },
    failed(error: unknown) {
      const isRefusal = [401, 403].includes(httpCode(error) ?? 0);
      refusedSince = isRefusal ? (refusedSince ?? Date.now()) : undefined;
    },
    isOver: () =>
      Date.now() - started >= GIVE_UP_MS ||
      (refusedSince !== undefined && Date.now() - refusedSince >= REFUSED_GIVE_UP_MS),
  };
}

function stuckNote(object: ChaosObject, cleared: readonly string[]): string {
  const { failure } = readProgress(object);
  const why = failure === undefined ? '' : ` (${failure})`;
  return `Chaos Mesh could not finish by itself${why}: squall took the object's rules out of ${cleared.join(', ')}`;
}

/** What a person needs to know to decide, and the command for when they have. */
function stuck(
  place: ObjectPlace,
  object: ChaosObject,
  trouble: string | undefined,
  notes: readonly string[],
): UndoOutcome {
  const { injected, failure } = readProgress(object);
  const finalizers = object.metadata.finalizers ?? [];
  const effect =
    injected.length > 0
      ? `still in effect on ${injected.map((record) => record.id).join(', ')}`
      : wasEverInjected(object)
        ? 'no pod is reported as under the fault any more'
        : 'no pod was ever under the fault, by its records';
  const what = [
    `${place.kind} ${place.namespace}/${place.name} is still there; ${effect}`,
    ...(finalizers.length === 0 ? [] : [`held by ${finalizers.join(', ')}`]),
    ...(failure === undefined ? [] : [failure]),
    ...(trouble === undefined ? [] : [trouble]),
    ...notes,
  ].join('; ');
  // Not even marked as deleted: the record's own command is the one.
  if (object.metadata.deletionTimestamp === undefined) return { ...failed(what), sight: 'there' };
  // The role that ships may not do this, on purpose.
  const rights = `letting go of it takes the right to patch ${PLURALS[place.kind]}`;
  return {
    ...failed(what),
    sight: 'there',
    left: { what: `${what}; ${rights}`, command: letGo(place, injected) },
  };
}

/** Without its finalizer the object is gone, and what it did to pods stays: those that are under the fault are replaced. */
function letGo(place: ObjectPlace, injected: readonly ContainerRecord[]): string {
  const patch = `${kubectl(place)} patch ${PLURALS[place.kind]} ${place.name} --type=merge -p '{"metadata":{"finalizers":[]}}'`;
  const pods = new Set(injected.map(({ id }) => id.split('/').slice(0, 2).join('/')));
  const replace = [...pods].map((pod) => {
    const [namespace = place.namespace, name = ''] = pod.split('/');
    return `${kubectl({ ...place, namespace })} delete pod ${name}`;
  });
  return [patch, ...replace].join(' && ');
}

function wasEverInjected(object: ChaosObject): boolean {
  const records = object.status?.experiment?.containerRecords ?? [];
  return records.some(
    ({ injectedCount, events }) => injectedCount > 0 || events?.some((event) => event.type === 'Succeeded'),
  );
}

const failed = (detail: string): UndoOutcome => ({ state: 'failed', detail });

/** Nobody could look, so a person may answer for it. */
export function outOfReach(detail: string): UndoOutcome {
  return { ...failed(detail), sight: 'out-of-reach' };
}
