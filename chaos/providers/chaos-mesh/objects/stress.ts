import { objectKind } from './kind.ts';
import { containers, hitPods } from './selection.ts';

export const stress = objectKind('stress', {
  crd: 'StressChaos',
  hits: ['pods'],
  shownBy: 'stressors',
  inContainer: true,
  spec: ({ params }, request) => ({
    ...hitPods(request),
    ...containers(request),
    stressors: {
      ...(params.cpu === undefined ? {} : { cpu: { workers: params.cpu.workers, load: params.cpu.load } }),
      ...(params.memory === undefined
        ? {}
        : { memory: { workers: 1, size: `${params.memory.megabytes}MB` } }),
    },
  }),
});
