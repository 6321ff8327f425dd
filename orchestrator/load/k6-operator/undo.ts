import { z } from 'zod';
import { kubeconfigPath } from '../../../chaos/kubernetes/kubeconfig.ts';
import { kubectl } from '../../../chaos/kubernetes/kubectl.ts';
import { RUN_LABEL } from '../../../chaos/kubernetes/naming.ts';
import type { UndoOutcome, UndoRecord } from '../../../chaos/provider.ts';
import { sleep } from '../../clock.ts';
import { refusedRecord } from '../../journal/shapes.ts';
import { loadOfPart } from './bundle-parts.ts';
import { connectLoad, type LoadCluster, type LoadSort } from './cluster.ts';
import { madeFor } from './test-run.ts';
import { isTrialName } from './trial-pod.ts';

/** The provider in the undo records of these loads. It is in the journals of all versions: do not change it. */
export const K6_OPERATOR = 'k6-operator';

const dnsName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'not a name in Kubernetes');
const oneLine = z
  .string()
  .max(8_192)
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'more than one line');

/** What an undo needs to find the load again from any process. No secrets: the kubeconfig is named, not copied. */
const loadPlace = z.object({
  namespace: dnsName,
  /** Of the TestRun, the first ConfigMap and the Secret. */
  name: dnsName.regex(/^squall-/, 'not a name that squall gives'),
  /** The value of the label squall/run. */
  run: z.string().regex(/^([A-Za-z0-9]([-A-Za-z0-9._]{0,61}[A-Za-z0-9])?)?$/, 'not the value of a label'),
  context: oneLine,
  server: oneLine.min(1),
  kubeconfig: oneLine,
});
export type LoadPlace = Readonly<z.output<typeof loadPlace>>;

/** Runners get 3 s to end by themselves, and Kubernetes takes a few more to notice. */
const GIVE_UP_MS = 40_000;
const UNDO_DEADLINE_MS = GIVE_UP_MS + 10_000;
const POLL_MS = 300;
/** An object that the server is still busy creating when its creator dies appears after this at the latest. */
const APPEARS_WITHIN_MS = 1_000;
const SORTS: readonly LoadSort[] = ['testruns', 'configmaps', 'secrets'];

export function placeOf(
  cluster: Pick<LoadCluster, 'context' | 'server'>,
  at: { readonly namespace: string; readonly name: string; readonly run: string },
): LoadPlace {
  const { context, server } = cluster;
  return { ...at, context, server, kubeconfig: kubeconfigPath(undefined) };
}

/** Of a load, or of the pod that tries its image: the name says which. */
export function loadUndoRecord(place: LoadPlace): UndoRecord {
  const { namespace, name, context } = place;
  const at = `${namespace}/${name} (context ${context})`;
  const isTrial = isTrialName(name);
  return {
    id: `k6-operator:${namespace}/${name}`,
    provider: K6_OPERATOR,
    fault: 'load',
    action: 'delete-load',
    data: { ...place },
    describe: isTrial
      ? `delete the pod ${at} that tries the image of the runners`
      : `delete the TestRun ${at} with its runners, ConfigMaps and Secret`,
    command: `${kubectl(place)} delete ${isTrial ? 'pod' : 'testrun,configmap,secret'} ${name} --ignore-not-found`,
    deadlineMs: UNDO_DEADLINE_MS,
  };
}

/** Ends the load of an orchestrator that died. */
export async function undoLoad(record: UndoRecord, signal: AbortSignal): Promise<UndoOutcome> {
  const { data: place, error } = loadPlace.safeParse(record.data);
  if (error) return refusedRecord(error);
  try {
    const cluster = await connectLoad({ context: place.context, kubeconfig: place.kubeconfig });
    if (cluster.server !== place.server)
      return outOfReach(
        `context ${place.context} now leads to ${cluster.server}, and the load is on ${place.server}`,
      );
    return await deleteLoad(cluster, place, signal);
  } catch (cause) {
    return outOfReach((cause as Error).message);
  }
}

/** Deletes all that was made for a load, or for the trial of its image, and waits until it is gone. Idempotent. @throws when nobody could look whether it is there */
export async function deleteLoad(
  cluster: Pick<LoadCluster, 'pods' | 'list' | 'remove'>,
  place: LoadPlace,
  signal: AbortSignal,
): Promise<UndoOutcome> {
  const { namespace, name, run } = place;
  const at = { namespace, labels: `${RUN_LABEL}=${run}` };
  const began = Date.now();
  const told = new Set<string>();
  let wasThere = false;
  let left: readonly string[] = [];
  let trouble = '';
  while (!signal.aborted && Date.now() - began < GIVE_UP_MS) {
    try {
      left = await remove();
      trouble = '';
      if (left.length > 0) wasThere = true;
      else if (wasThere || Date.now() - began >= APPEARS_WITHIN_MS) break;
    } catch (cause) {
      // An API server that restarts must not cost the undo.
      trouble = (cause as Error).message;
      if (!wasThere && Date.now() - began > GIVE_UP_MS / 4) throw cause;
    }
    await sleep(POLL_MS, signal);
  }
  if (left.length > 0 || trouble !== '')
    return {
      state: 'failed',
      detail: [`still there: ${left.join(', ') || 'not known'}`, trouble]
        .filter((text) => text !== '')
        .join('; '),
      sight: 'there',
    };
  const took = `gone after ${Date.now() - began} ms`;
  const sort = isTrialName(name) ? 'pod' : 'TestRun';
  return wasThere
    ? { state: 'undone', detail: `the ${sort} ${name} and all that belongs to it is ${took}` }
    : { state: 'nothing-to-undo', detail: `no ${sort} ${name} is there, nor anything that belongs to it` };

  /** Deletes what is there of it; what it has found, for people. */
  async function remove(): Promise<string[]> {
    const found: string[] = [];
    const made = { namespace, labels: madeFor(name) };
    const own = (await cluster.pods(at, signal)).filter(({ metadata }) => metadata?.name === name);
    for (const { metadata } of [...own, ...(await cluster.pods(made, signal))]) {
      const { name: pod, uid = '' } = metadata ?? {};
      if (pod === undefined) continue;
      found.push(`pods/${pod}`);
      // Also one that is on its way out: it would have the time that Kubernetes grants by default, sending requests.
      if (!told.has(uid)) await cluster.remove('pods', { namespace, name: pod }, signal);
      told.add(uid);
    }
    for (const sort of SORTS) {
      for (const one of await cluster.list(sort, at, signal)) {
        if (loadOfPart(one.name) !== name) continue;
        found.push(`${sort}/${one.name}`);
        await cluster.remove(sort, { namespace, name: one.name }, signal);
      }
    }
    for (const job of await cluster.list('jobs', made, signal)) found.push(`jobs/${job.name}`);
    return found;
  }
}

function outOfReach(detail: string): UndoOutcome {
  return { state: 'failed', detail, sight: 'out-of-reach' };
}
