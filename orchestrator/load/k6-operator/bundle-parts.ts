import type { Place } from './cluster.ts';

/** Kubernetes takes at most 1 MiB into a ConfigMap, names included. */
export const PART_BYTES = 1_048_576 - 4_096;
/** More is data that belongs elsewhere: etcd keeps all of it in memory. */
export const MAX_PARTS = 24;

/** One ConfigMap's share of a script's archive. The first has the name of the load; all others belong to it and go with it. */
export interface BundlePart extends Place {
  readonly bytes: Buffer;
}

/** The archive, cut to what ConfigMaps take. Put together again in this order it is the same. */
export function bundleParts(bundle: Buffer, { namespace, name }: Place): [BundlePart, ...BundlePart[]] {
  const part = (index: number): BundlePart => ({
    namespace,
    name: partName(name, index),
    bytes: bundle.subarray(index * PART_BYTES, (index + 1) * PART_BYTES),
  });
  const more = Math.max(0, Math.ceil(bundle.length / PART_BYTES) - 1);
  return [part(0), ...Array.from({ length: more }, (_, i) => part(i + 1))];
}

export function partName(load: string, index: number): string {
  return index === 0 ? load : `${load}-part-${index}`;
}

/** The name of the load that a ConfigMap belongs to. */
export function loadOfPart(name: string): string {
  return name.replace(/-part-\d+$/, '');
}
