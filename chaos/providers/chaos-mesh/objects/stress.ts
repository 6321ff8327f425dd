import type { DrillFault } from '../../../schema/drill.ts';
import type { ObjectRequest } from './build.ts';
import { containers, hitPods } from './selection.ts';
import type { StressChaosSpec } from './types.ts';

export function stressSpec(
  { params }: Extract<DrillFault, { kind: 'stress' }>,
  request: ObjectRequest,
): StressChaosSpec {
  return {
    ...hitPods(request),
    ...containers(request),
    stressors: {
      ...(params.cpu === undefined ? {} : { cpu: { workers: params.cpu.workers, load: params.cpu.load } }),
      ...(params.memory === undefined
        ? {}
        : { memory: { workers: 1, size: `${params.memory.megabytes}MB` } }),
    },
  };
}
