import { refuse } from '../errors.ts';
import { objectKinds } from './index.ts';
import type { ObjectRequest } from './request.ts';
import { serverLimit } from './selection.ts';
import { type ChaosKind, type ChaosObject, GROUP, type Specs, VERSION } from './types.ts';

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
  const kind = objectKinds[fault.kind];
  if (kind === undefined) {
    throw refuse(
      `fault ${fault.name}: Chaos Mesh has no ${fault.kind}`,
      `use one of ${Object.keys(objectKinds).join(', ')}`,
    );
  }
  return { kind: kind.crd, spec: kind.spec(request) };
}
