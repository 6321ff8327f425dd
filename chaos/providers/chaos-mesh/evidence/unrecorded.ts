import type { Evidence } from '../../../provider.ts';
import { type Look, type Missing, seenBy } from '../../../wait-until.ts';
import type { Cluster } from '../cluster.ts';
import { type Before, killedTargets, type Scene } from './effects.ts';
import { readProgress } from './records.ts';

/** The record of a kill is there within a second or so. Only after this is it worth a list of events. */
const RECORD_WITHIN_MS = 2_000;

/**
 * Chaos Mesh kills a pod, tells it in an event of Kubernetes, and only then writes its record. When that write fails (its own webhook
 * ran out of time), it looks for the pod again, finds none, and the record stays empty for good. The event comes from Chaos Mesh as well.
 * @returns a look, for when the records say too little: the evidence is of the moment at which the pods were first seen gone
 */
export function watchUnrecorded(cluster: Cluster, before: Before) {
  let gone: Evidence | undefined;
  return async (
    { object, pods }: Scene,
    unrecorded: Missing,
    since: number,
    signal: AbortSignal,
  ): Promise<Look<Evidence>> => {
    const { uid, namespace } = object?.metadata ?? {};
    if (uid === undefined || namespace === undefined || readProgress(object).selected.length > 0)
      return unrecorded;
    const killed = killedTargets(before, pods);
    if ('missing' in killed) return unrecorded;
    gone ??= seenBy(since, killed.seen);
    if (Date.now() - gone.at < RECORD_WITHIN_MS) return unrecorded;
    const missing = `${unrecorded.missing}, though every pod that was to be killed is gone`;
    let told: readonly string[];
    try {
      told = await cluster.listTold({ namespace, uid, reason: 'Applied' }, signal);
    } catch (error) {
      return { missing: `${missing}; what Chaos Mesh told of it is not known: ${(error as Error).message}` };
    }
    const seen = [...gone.seen];
    for (const target of before.targets) {
      const pod = `${target.namespace}/${target.name}`;
      const message = told.find((text) => text.split(/\s/).includes(pod));
      if (message === undefined) return { missing };
      seen.push(`${pod}: Chaos Mesh could not write its record, and told: ${message}`);
    }
    return { seen: { ...gone, seen } };
  };
}
