import { objectKind } from './kind.ts';
import { containers, goDuration, hitPods } from './selection.ts';

export const time = objectKind('time', {
  crd: 'TimeChaos',
  hits: ['pods'],
  shownBy: 'records',
  inContainer: true,
  spec: ({ params }, request) => ({
    ...hitPods(request),
    ...containers(request),
    timeOffset: goDuration(params.offset),
    clockIds: params.clocks,
  }),
});
