import { objectKind } from './kind.ts';
import { hitPods } from './selection.ts';

/** pod-failure puts another image in the place of the pod's own, and keeps the pod. */
export const freeze = objectKind('freeze', {
  crd: 'PodChaos',
  hits: ['pods'],
  shownBy: 'swapped-image',
  inContainer: false,
  spec: (_fault, request) => ({ action: 'pod-failure', ...hitPods(request) }),
});
