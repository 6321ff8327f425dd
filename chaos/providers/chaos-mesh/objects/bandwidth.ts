import { objectKind } from './kind.ts';
import { networkSpec } from './network.ts';

export const bandwidth = objectKind('bandwidth', {
  crd: 'NetworkChaos',
  hits: ['pods', 'link'],
  shownBy: 'rules',
  inContainer: false,
  spec(fault, request) {
    const { rate, queueBytes, burstBytes } = fault.params;
    // `bps` is bytes per second in Chaos Mesh, as in tc.
    const how = { rate: `${rate}bps`, limit: queueBytes, buffer: burstBytes };
    return networkSpec({ action: 'bandwidth', bandwidth: how }, fault, request);
  },
});
