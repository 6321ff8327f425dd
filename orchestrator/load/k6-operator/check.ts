import type { Access } from '../../../chaos/kubernetes/core-calls.ts';
import type { K6OperatorSettings } from '../../../chaos/schema/load.ts';
import type { LoadCluster } from './cluster.ts';
import { GRANT, INSTALL, refuse } from './errors.ts';
import { GROUP, PLURAL } from './test-run.ts';

/**
 * Is all there that the load will need? Asked before anything is touched; SelfSubjectAccessReview keeps nothing.
 * @throws ProviderError that names what is missing and how to get it
 */
export async function checkCluster(
  cluster: Pick<LoadCluster, 'hasOperator' | 'allowed' | 'context' | 'server'>,
  { namespace }: Pick<K6OperatorSettings, 'namespace'>,
  signal: AbortSignal,
): Promise<void> {
  if (!(await cluster.hasOperator(signal)))
    throw refuse(
      `it is not installed on ${cluster.server} (context ${cluster.context}): there is no resource ${PLURAL}.${GROUP}`,
      INSTALL,
    );
  const asked = neededAccess(namespace);
  const answers = await Promise.all(asked.map((access) => cluster.allowed(access, signal)));
  const missing = asked.filter((_, index) => answers[index] === false);
  if (missing.length === 0) return;
  const list = missing.map(({ verb, resource }) => `${verb} ${resource}`).join(', ');
  throw refuse(`the credentials of context ${cluster.context} may not ${list} in ${namespace}`, GRANT);
}

/** Everything that the load and its clean-up ask of the API server. */
export function neededAccess(namespace: string): readonly Access[] {
  const of = (group: string, resource: string, ...verbs: readonly string[]): Access[] =>
    verbs.map((verb) => ({ namespace, group, resource, verb }));
  return [
    ...of(GROUP, PLURAL, 'create', 'get', 'list', 'delete'),
    ...of('', 'configmaps', 'create', 'list', 'delete'),
    ...of('', 'secrets', 'create', 'list', 'delete'),
    ...of('', 'pods', 'create', 'list', 'delete'),
    ...of('', 'pods/exec', 'get', 'create'),
    ...of('', 'pods/log', 'get'),
    ...of('batch', 'jobs', 'list'),
  ];
}
