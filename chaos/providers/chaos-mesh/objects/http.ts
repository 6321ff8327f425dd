import type { DrillFault } from '../../../schema/drill.ts';
import type { ObjectRequest } from './build.ts';
import { goDuration, hitPods } from './selection.ts';
import type { HTTPChaosSpec } from './types.ts';

export function httpSpec(
  { params }: Extract<DrillFault, { kind: 'http' }>,
  request: ObjectRequest,
): HTTPChaosSpec {
  return {
    ...hitPods(request),
    target: params.on === 'request' ? 'Request' : 'Response',
    port: params.port,
    ...(params.path === undefined ? {} : { path: params.path }),
    ...(params.method === undefined ? {} : { method: params.method }),
    ...(params.abort === undefined ? {} : { abort: true }),
    ...(params.delay === undefined ? {} : { delay: goDuration(params.delay) }),
    ...(params.status === undefined ? {} : { replace: { code: params.status } }),
  };
}
