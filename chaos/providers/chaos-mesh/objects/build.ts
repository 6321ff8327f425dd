import { refuse } from '../../../kubernetes/errors.ts';
import type { DrillFault } from '../../../schema/drill.ts';
import type { ChaosMeshComponent } from '../component.ts';
import { dnsSpec } from './dns.ts';
import { httpSpec } from './http.ts';
import { ioSpec } from './io.ts';
import { networkSpec } from './network.ts';
import { podSpec } from './pod.ts';
import { type Hit, serverLimit } from './selection.ts';
import { stressSpec } from './stress.ts';
import { timeSpec } from './time.ts';
import { type ChaosKind, type ChaosObject, GROUP, type Specs, VERSION } from './types.ts';

/** Which CRD a kind of fault becomes. A kind that is not here has no equivalent in Chaos Mesh. */
export const CRD_OF = {
  kill: 'PodChaos',
  freeze: 'PodChaos',
  'container-kill': 'PodChaos',
  partition: 'NetworkChaos',
  latency: 'NetworkChaos',
  loss: 'NetworkChaos',
  bandwidth: 'NetworkChaos',
  stress: 'StressChaos',
  io: 'IOChaos',
  dns: 'DNSChaos',
  http: 'HTTPChaos',
  time: 'TimeChaos',
} as const satisfies Partial<Record<DrillFault['kind'], ChaosKind>>;

export interface ObjectRequest {
  readonly fault: DrillFault;
  readonly componentName: string;
  readonly component: ChaosMeshComponent;
  readonly hit: Hit;
}

/**
 * The object that injects the fault. Pure. `duration` is the server's own limit: it ends the fault when all of squall is
 * dead, and lies behind the drill's `for`, after which squall deletes the object.
 * @throws ProviderError for what Chaos Mesh cannot do
 */
export function buildObject(
  request: ObjectRequest,
  metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): ChaosObject {
  const { kind, spec } = buildSpec(request);
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind,
    metadata: { name: metadata.name, namespace: request.component.namespace, labels: metadata.labels },
    spec: { ...spec, ...('for' in request.fault ? { duration: serverLimit(request.fault.for) } : {}) },
  };
}

/** Kind and spec without a duration. @throws ProviderError for what Chaos Mesh cannot do */
export function buildSpec(request: ObjectRequest): { kind: ChaosKind; spec: Specs[ChaosKind] } {
  const { fault } = request;
  switch (fault.kind) {
    case 'kill':
    case 'freeze':
    case 'container-kill':
      return { kind: 'PodChaos', spec: podSpec(fault.kind, request) };
    case 'partition':
    case 'latency':
    case 'loss':
    case 'bandwidth':
      return { kind: 'NetworkChaos', spec: networkSpec(fault, request) };
    case 'stress':
      return { kind: 'StressChaos', spec: stressSpec(fault, request) };
    case 'io':
      return { kind: 'IOChaos', spec: ioSpec(fault, request) };
    case 'dns':
      return { kind: 'DNSChaos', spec: dnsSpec(fault, request) };
    case 'http':
      return { kind: 'HTTPChaos', spec: httpSpec(fault, request) };
    case 'time':
      return { kind: 'TimeChaos', spec: timeSpec(fault, request) };
    default:
      throw refuse(
        `fault ${fault.name}: Chaos Mesh has no ${fault.kind}`,
        `use one of ${Object.keys(CRD_OF).join(', ')}`,
      );
  }
}
