import { refuse } from '../errors.ts';
import { objectKind } from './kind.ts';
import { networkSpec } from './network.ts';

export const partition = objectKind('partition', {
  crd: 'NetworkChaos',
  hits: ['link'],
  shownBy: 'rules',
  inContainer: false,
  spec(fault, request) {
    if (fault.params.mode !== 'blackhole') {
      throw refuse(
        `fault ${fault.name}: Chaos Mesh drops packets; it cannot ${fault.params.mode} connections`,
        'use `mode: blackhole`',
      );
    }
    if (request.component.to === undefined) {
      throw refuse(
        `fault ${fault.name}: ${request.componentName} names pods, and a partition needs a link`,
        'add `to: { labels: … }` or `to: { hosts: […] }` to the component: the far end',
      );
    }
    return networkSpec({ action: 'partition' }, fault, request);
  },
});
