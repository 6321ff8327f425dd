import { firstOf } from '../../../deadline.ts';
import { selectorText } from '../../../kubernetes/core-calls.ts';
import type { Evidence } from '../../../provider.ts';
import { type Look, makeWake, until } from '../../../wait-until.ts';
import type { Cluster } from '../cluster.ts';
import type { ChaosMeshComponent } from '../component.ts';
import { type ChaosObject, GROUP, PLURALS, VERSION } from '../objects/types.ts';
import { findPods } from '../pods.ts';
import type { ObjectPlace } from '../undo.ts';
import type { Scene } from './effects.ts';
import { describeEvents, readProgress } from './records.ts';
import { readRules } from './rules.ts';

/** Reads, again and again, what can show that the object of one fault has an effect. */
export function makeObserver(cluster: Cluster, component: ChaosMeshComponent, place: ObjectPlace) {
  let last: ChaosObject | undefined;
  const objectPath = `/apis/${GROUP}/${VERSION}/namespaces/${place.namespace}/${PLURALS[place.kind]}`;
  const objectQuery = { fieldSelector: `metadata.name=${place.name}` };

  async function read(signal: AbortSignal): Promise<ChaosObject | undefined> {
    const object = await cluster.read(place, signal);
    if (object !== undefined) last = object;
    return object;
  }
  async function around(object: ChaosObject | undefined, signal: AbortSignal): Promise<Scene> {
    const [pods, rules] = await Promise.all([
      findPods(cluster, component, signal),
      readRules(cluster, place, place.reaches, signal),
    ]);
    return { object, pods, rules };
  }
  function keep(object: unknown): void {
    const seen = object as ChaosObject | undefined;
    if (seen?.metadata?.name === place.name) last = seen;
  }

  return {
    scene: async (signal: AbortSignal) => await around(await read(signal), signal),
    /** Keeps the newest state of the object until the signal ends: its last events come right before it goes. */
    remember(signal: AbortSignal) {
      cluster.watch(objectPath, objectQuery, keep, signal);
    },
    /** What the object last said about recoveries, also when it is gone. */
    recoveries: () => describeEvents(readProgress(last).recovered, 'Recover'),
    /**
     * `whole` reads the rest of the scene, for when the object does not tell enough already. Lists are expensive for an API server:
     * while a wide one waits, it holds back Chaos Mesh's own calls (docs/kubernetes.md, "A busy cluster").
     */
    async wait(
      what: string,
      signal: AbortSignal,
      look: (
        object: ChaosObject | undefined,
        whole: () => Promise<Scene>,
        since: number,
      ) => Promise<Look<Evidence>>,
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
            const object = await read(signal);
            return await look(object, () => around(object, signal), since);
          },
          { signal, wake, notBefore },
        );
      } finally {
        watching.abort();
      }
    },
  };
}
