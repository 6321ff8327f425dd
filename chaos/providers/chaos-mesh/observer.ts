import { firstOf } from '../../deadline.ts';
import type { Evidence } from '../../provider.ts';
import { type Cluster, selectorText } from './cluster.ts';
import type { ChaosMeshComponent } from './component.ts';
import type { hasBegun, Scene } from './effects.ts';
import { type ChaosObject, GROUP, PLURALS, VERSION } from './objects/types.ts';
import { findPods } from './pods.ts';
import { describeEvents, readProgress } from './records.ts';
import { readRules } from './rules.ts';
import type { ObjectPlace } from './undo.ts';
import { makeWake, seenBy, until } from './until.ts';

type Outcome = ReturnType<typeof hasBegun>;

/** Reads, again and again, what can show that the object of one fault has an effect. */
export function makeObserver(cluster: Cluster, component: ChaosMeshComponent, place: ObjectPlace) {
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
    scene,
    /** Keeps the newest state of the object until the signal ends: its last events come right before it goes. */
    remember(signal: AbortSignal) {
      cluster.watch(objectPath, objectQuery, keep, signal);
    },
    /** What the object last said about recoveries, also when it is gone. */
    recoveries: () => describeEvents(readProgress(last).recovered, 'Recover'),
    async wait(
      what: string,
      signal: AbortSignal,
      look: (scene: Scene) => Outcome | Promise<Outcome>,
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
            const result = await look(await scene(signal));
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
