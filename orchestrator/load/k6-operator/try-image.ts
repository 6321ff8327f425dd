import type { V1Pod } from '@kubernetes/client-node';
import { selectorText } from '../../../chaos/kubernetes/core-calls.ts';
import { labelValue, objectLabels, objectName } from '../../../chaos/kubernetes/naming.ts';
import type { K6OperatorSettings } from '../../../chaos/schema/load.ts';
import { now, sleep } from '../../clock.ts';
import type { LoadTrial } from '../runner.ts';
import type { LoadCluster } from './cluster.ts';
import { refuse } from './errors.ts';
import { podState } from './pod-state.ts';
import { TRIAL, trialPod } from './trial-pod.ts';
import { deleteLoad, loadUndoRecord, placeOf } from './undo.ts';

type TrialCluster = Pick<LoadCluster, 'context' | 'server' | 'create' | 'pods' | 'list' | 'remove'>;

const POLL_MS = 500;
/** A pod without a node by then may wait for one that an autoscaler adds: the runners have time for that, and this has not. */
const NODE_WITHIN_MS = 5_000;
const REMOVE_DEADLINE_MS = 45_000;

/**
 * Can the image be had where the runners will be, and does k6 run in it? Nothing but a pod shows that, so one is made, looked at and
 * removed.
 * @returns what kept it from being found out; null when all is well
 * @throws ProviderError that says what is missing and how to get it
 */
export async function tryImage(
  cluster: TrialCluster,
  settings: K6OperatorSettings,
  { run, arm, disarm, signal }: Omit<LoadTrial, 'load'>,
): Promise<string | null> {
  const { namespace } = settings;
  const name = objectName(run, TRIAL);
  const labels = objectLabels(run, TRIAL);
  const place = placeOf(cluster, { namespace, name, run: labelValue(run) });
  const record = loadUndoRecord(place);
  await arm(record);
  try {
    await cluster.create({ sort: 'pods', body: trialPod(settings, { name, labels }) }, signal);
    return await outcome(cluster, settings, selectorText(labels), signal);
  } finally {
    const undoing = deleteLoad(cluster, place, AbortSignal.timeout(REMOVE_DEADLINE_MS));
    // What is not gone stays armed: the run undoes it at its end, and says so if it cannot.
    const undone = await undoing.catch(() => null);
    if (undone !== null && undone.state !== 'failed') await disarm(record, undone.detail);
  }
}

async function outcome(
  cluster: Pick<LoadCluster, 'pods'>,
  settings: K6OperatorSettings,
  labels: string,
  signal: AbortSignal,
): Promise<string | null> {
  const { namespace, image, startWithin } = settings;
  const began = now();
  while (!signal.aborted) {
    const [pod] = await cluster.pods({ namespace, labels }, signal);
    const { done, pending } = lookAt(pod, settings);
    if (done !== undefined) return done;
    const tookMs = now() - began;
    const hasNode = pod?.spec?.nodeName !== undefined;
    if (!hasNode && tookMs > Math.min(NODE_WITHIN_MS, startWithin)) return untold(image, pending);
    if (tookMs > startWithin)
      throw refuse(
        `the image ${image} was not there within ${Math.round(startWithin / 1000)} s: its pod ${pending}`,
        "pull it onto the nodes beforehand, or give the runners longer: `startWithin` in the environment's load",
      );
    await sleep(POLL_MS, signal);
  }
  return null;
}

/** `done` is null once k6 has run, or says what nobody will find out. Until then, `pending`. */
function lookAt(
  pod: V1Pod | undefined,
  { image, namespace }: K6OperatorSettings,
): { readonly done?: string | null; readonly pending: string } {
  if (pod === undefined) return { done: untold(image, 'was deleted'), pending: '' };
  const { exit, lost, blocked, waitsFor } = podState(pod);
  if (lost !== null) return { done: untold(image, lost), pending: '' };
  if (exit?.code === 0) return { done: null, pending: '' };
  if (exit !== null)
    throw refuse(
      `k6 does not run in the image ${image}: it ended with ${exit.code}${how(exit.how)}${exit.told}`,
      TAKE_ANOTHER,
    );
  if (blocked !== null && PULL.test(blocked))
    throw refuse(
      `the image ${image} cannot be had: its pod in ${namespace} ${blocked}`,
      `see that the registry has it under this name and lets the nodes have it (if it is private: imagePullSecrets of the service account \`default\` in ${namespace}), or load it onto the nodes`,
    );
  if (blocked !== null)
    throw refuse(`the image ${image} does not start: its pod in ${namespace} ${blocked}`, TAKE_ANOTHER);
  return { pending: waitsFor ?? 'has not begun yet' };
}

function untold(image: string, why: string): string {
  return `whether the image ${image} can be had was not found out before the run: a pod that tried it ${why}`;
}

function how(reason: string): string {
  return reason === '' || reason === 'Error' ? '' : ` (${reason})`;
}

const PULL = /: (ErrImage|ImagePull|InvalidImage)/;
const TAKE_ANOTHER =
  'take one with k6 and a shell, such as grafana/k6:1.8.1, and limits with which k6 can run (`resources`)';
