import { objectKind } from './kind.ts';
import { goDuration, hitPods } from './selection.ts';

export const http = objectKind('http', {
  crd: 'HTTPChaos',
  hits: ['pods'],
  shownBy: 'rules',
  inContainer: false,
  spec: ({ params }, request) => ({
    ...hitPods(request),
    target: params.on === 'request' ? 'Request' : 'Response',
    port: params.port,
    ...(params.path === undefined ? {} : { path: params.path }),
    ...(params.method === undefined ? {} : { method: params.method }),
    ...(params.abort === undefined ? {} : { abort: true }),
    ...(params.delay === undefined ? {} : { delay: goDuration(params.delay) }),
    ...(params.status === undefined ? {} : { replace: { code: params.status } }),
  }),
});
