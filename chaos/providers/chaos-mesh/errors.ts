import type { Caller } from '../../kubernetes/errors.ts';
import { type ProviderError, refusedBy } from '../../provider-error.ts';

/** A definition or a request that this provider will not carry out. */
export function refuse(message: string, fix: string): ProviderError {
  return refusedBy(caller.name, message, fix);
}

/** What the answers of an API server mean where Chaos Mesh is concerned. */
export const caller: Caller = {
  name: 'chaos-mesh',
  explain({ code, message }) {
    if (/admission webhook .* is forbidden on (namespace|cluster)/.test(message)) {
      return {
        text: message,
        fix: `grant \`create\` of this kind there as well, which Chaos Mesh asks for wherever a fault reaches: ${RBAC} says how`,
      };
    }
    if (/admission webhook/.test(message)) {
      return { text: message, fix: 'Chaos Mesh itself refuses the object: correct the params of the fault' };
    }
    if (code === 403) return { text: message, fix: GRANT };
    if (code === 404 && /could not find the requested resource|404 page not found/.test(message)) {
      return { text: 'Chaos Mesh is not installed on this cluster (no such resource)', fix: INSTALL };
    }
    return undefined;
  },
};

const RBAC = 'chaos/providers/chaos-mesh/rbac.yaml';
export const GRANT = `grant what is missing: ${RBAC} has the smallest role that does, and says how to add a second namespace`;
export const INSTALL =
  'install Chaos Mesh 2.8: helm install chaos-mesh chaos-mesh/chaos-mesh -n chaos-mesh --create-namespace';
