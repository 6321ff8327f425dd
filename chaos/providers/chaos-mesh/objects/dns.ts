import { objectKind } from './kind.ts';
import { containers, hitPods } from './selection.ts';

export const dns = objectKind('dns', {
  crd: 'DNSChaos',
  hits: ['pods'],
  shownBy: 'records',
  inContainer: true,
  spec: ({ params }, request) => ({
    ...hitPods(request),
    ...containers(request),
    action: params.answer,
    patterns: params.names,
  }),
});
