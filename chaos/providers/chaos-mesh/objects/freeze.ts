import { objectKind } from './kind.ts';
import { hitPods } from './selection.ts';

/** pod-failure replaces the pod's image, and keeps the pod. */
export const freeze = objectKind('freeze', {
  crd: 'PodChaos',
  hits: ['pods'],
  shownBy: 'swapped-image',
  inContainer: false,
  spec: (_fault, request) => ({ action: 'pod-failure', ...hitPods(request) }),
});
