import { refuse } from '../errors.ts';
import { objectKind } from './kind.ts';
import { containers, hitPods } from './selection.ts';

export const containerKill = objectKind('container-kill', {
  crd: 'PodChaos',
  hits: ['pods'],
  shownBy: 'ended-container',
  inContainer: false,
  spec(fault, request) {
    if (request.hit.container === undefined) {
      throw refuse(
        `fault ${fault.name}: Chaos Mesh must be told which container of ${request.componentName} to kill`,
        'set `container:` in the component',
      );
    }
    return { action: 'container-kill', ...hitPods(request), ...containers(request) };
  },
});
