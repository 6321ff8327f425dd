import { errorNumbers } from '../../../faults/io.ts';
import type { DrillFault } from '../../../schema/drill.ts';
import type { ObjectRequest } from './build.ts';
import { containers, goDuration, hitPods } from './selection.ts';
import type { IOChaosSpec } from './types.ts';

export function ioSpec({ params }: Extract<DrillFault, { kind: 'io' }>, request: ObjectRequest): IOChaosSpec {
  return {
    ...hitPods(request),
    ...containers(request),
    volumePath: params.volume,
    percent: Math.max(1, Math.round(params.share * 100)),
    ...(params.path === undefined ? {} : { path: params.path }),
    ...(params.methods === undefined ? {} : { methods: params.methods }),
    ...(params.error !== undefined
      ? { action: 'fault', errno: errorNumbers[params.error] }
      : { action: 'latency', delay: goDuration(params.delay ?? 0) }),
  };
}
