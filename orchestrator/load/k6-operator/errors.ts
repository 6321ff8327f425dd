import type { Caller } from '../../../chaos/kubernetes/errors.ts';
import { type ProviderError, refusedBy } from '../../../chaos/provider-error.ts';

/** What this runner will not do, with the way out. */
export function refuse(message: string, fix: string): ProviderError {
  return refusedBy(caller.name, message, fix);
}

/** What the answers of an API server mean where k6-operator is concerned. */
export const caller: Caller = {
  name: 'k6-operator',
  explain({ code, message }) {
    if (code === 403 && /violates PodSecurity/.test(message)) return { text: message, fix: ADMIT };
    if (code === 403 && /exceeded quota|failed quota/.test(message)) return { text: message, fix: MAKE_ROOM };
    if (code === 403) return { text: message, fix: GRANT };
    if (code === 404 && /^namespaces "/.test(message))
      return { text: message, fix: "create the namespace, or name another in the environment's load" };
    if (code === 404 && /could not find the requested resource|404 page not found/.test(message))
      return { text: 'it is not installed on this cluster (no such resource)', fix: INSTALL };
    return undefined;
  },
};

export const GRANT =
  'grant what is missing: orchestrator/load/k6-operator/rbac.yaml has the smallest role that does';
export const INSTALL =
  'install k6-operator 1.5 or later: kubectl apply -f https://raw.githubusercontent.com/grafana/k6-operator/v1.6.0/bundle.yaml';
const ADMIT =
  'runners of k6-operator say nothing of their rights: name a namespace that takes them (pod-security.kubernetes.io/enforce: baseline)';
const MAKE_ROOM =
  "say `resources` in the environment's load, take fewer runners, or raise the quota of the namespace";
