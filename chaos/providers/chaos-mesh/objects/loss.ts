import { objectKind } from './kind.ts';
import { networkSpec, percentText } from './network.ts';

export const loss = objectKind('loss', {
  crd: 'NetworkChaos',
  hits: ['pods', 'link'],
  shownBy: 'rules',
  inContainer: false,
  spec(fault, request) {
    const { share, correlation } = fault.params;
    const how = {
      loss: percentText(share),
      ...(correlation === undefined ? {} : { correlation: percentText(correlation) }),
    };
    return networkSpec({ action: 'loss', loss: how }, fault, request);
  },
});
