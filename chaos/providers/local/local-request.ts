import { type FaultRequest, ProviderError } from '../../provider.ts';
import { formOf } from './component.ts';
import { kindsThatHit } from './definition.ts';
import { localFaults } from './faults/index.ts';
import type { LocalFault, LocalRequest } from './faults/kind.ts';

/** A request for a component of this machine, and how it is done. @throws ProviderError for what is not done here */
export function localRequest({ component, componentName, fault }: FaultRequest): {
  readonly request: LocalRequest;
  readonly kind: LocalFault;
} {
  if (component.provider !== 'local') throw new ProviderError(`component ${componentName} is not local`);
  const form = formOf(component);
  if (form === undefined) throw new ProviderError(`component ${componentName} says nothing that can be hit`);
  const kind = localFaults[fault.kind];
  if (kind === undefined || !kind.hits.includes(form)) {
    throw new ProviderError(`component ${componentName}: a ${form} cannot have a ${fault.kind}`, {
      fix: `kinds for a ${form}: ${kindsThatHit(form).join(', ')}`,
    });
  }
  return { request: { fault, componentName, component }, kind };
}
