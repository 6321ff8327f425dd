import { objectKind } from './kind.ts';
import { hitPods } from './selection.ts';

/** Leaves the pod no time to say goodbye, as everywhere in squall. */
export const kill = objectKind('kill', {
  crd: 'PodChaos',
  hits: ['pods'],
  shownBy: 'killed-pods',
  inContainer: false,
  spec: (_fault, request) => ({ action: 'pod-kill', ...hitPods(request), gracePeriod: 0 }),
});
