import type { DrillFault } from '../../../schema/drill.ts';
import type { ObjectRequest } from './build.ts';
import { containers, hitPods } from './selection.ts';
import type { DNSChaosSpec } from './types.ts';

export function dnsSpec(
  { params }: Extract<DrillFault, { kind: 'dns' }>,
  request: ObjectRequest,
): DNSChaosSpec {
  return { ...hitPods(request), ...containers(request), action: params.answer, patterns: params.names };
}
