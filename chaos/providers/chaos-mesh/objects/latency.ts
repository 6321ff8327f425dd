import { objectKind } from './kind.ts';
import { networkSpec } from './network.ts';
import { goDuration } from './selection.ts';

export const latency = objectKind('latency', {
  crd: 'NetworkChaos',
  hits: ['pods', 'link'],
  shownBy: 'rules',
  inContainer: false,
  spec(fault, request) {
    const { delay, jitter } = fault.params;
    const how = {
      latency: goDuration(delay),
      ...(jitter === undefined ? {} : { jitter: goDuration(jitter) }),
    };
    return networkSpec({ action: 'delay', delay: how }, fault, request);
  },
});
