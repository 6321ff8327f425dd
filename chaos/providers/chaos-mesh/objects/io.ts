import { errorNumbers } from '../../../faults/io.ts';
import { objectKind } from './kind.ts';
import { containers, goDuration, hitPods } from './selection.ts';

export const io = objectKind('io', {
  crd: 'IOChaos',
  hits: ['pods'],
  shownBy: 'rules',
  inContainer: true,
  spec: ({ params }, request) => ({
    ...hitPods(request),
    ...containers(request),
    volumePath: params.volume,
    percent: Math.max(1, Math.round(params.share * 100)),
    ...(params.path === undefined ? {} : { path: params.path }),
    ...(params.methods === undefined ? {} : { methods: params.methods }),
    ...(params.error !== undefined
      ? { action: 'fault', errno: errorNumbers[params.error] }
      : { action: 'latency', delay: goDuration(params.delay ?? 0) }),
  }),
});
