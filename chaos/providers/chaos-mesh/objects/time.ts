import type { DrillFault } from '../../../schema/drill.ts';
import type { ObjectRequest } from './build.ts';
import { containers, goDuration, hitPods } from './selection.ts';
import type { TimeChaosSpec } from './types.ts';

export function timeSpec(
  { params }: Extract<DrillFault, { kind: 'time' }>,
  request: ObjectRequest,
): TimeChaosSpec {
  return {
    ...hitPods(request),
    ...containers(request),
    timeOffset: goDuration(params.offset),
    clockIds: params.clocks,
  };
}
