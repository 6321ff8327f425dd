import * as k8s from '@kubernetes/client-node';

const name = 'squall-tests-chaos-mesh';
const account = { namespace: 'chaos-mesh', name: 'chaos-controller-manager' };

/**
 * Chaos Mesh gets its turn at the API server apart from the accounts of the tests, as it should on any cluster (README of the provider,
 * "Short of breath"). An API server that does not know how many objects there are (one newer than its etcd) takes every list for as wide
 * as can be, wider than all that service accounts have together: such a list waits until nothing else is under way, all others wait
 * behind it, and a write whose webhook waits for one of them comes to nothing after 5 s.
 */
export async function setup(): Promise<() => Promise<void>> {
  if (!process.env.KUBECONFIG) return async () => {};
  const config = new k8s.KubeConfig();
  config.loadFromFile(process.env.KUBECONFIG);
  const api = config.makeApiClient(k8s.FlowcontrolApiserverV1Api);
  const every = ['*'];
  try {
    await api.createFlowSchema({
      body: {
        metadata: { name },
        spec: {
          priorityLevelConfiguration: { name: 'workload-high' },
          matchingPrecedence: 1_000,
          distinguisherMethod: { type: 'ByUser' },
          rules: [
            {
              subjects: [{ kind: 'ServiceAccount', serviceAccount: account }],
              resourceRules: [
                { verbs: every, apiGroups: every, resources: every, namespaces: every, clusterScope: true },
              ],
            },
          ],
        },
      },
    });
  } catch (error) {
    // Another project's tests, or the account may not: then it goes without.
    if ((error as { code?: number }).code !== 409)
      console.warn(`no FlowSchema for Chaos Mesh: ${(error as Error).message}`);
    return async () => {};
  }
  return async () => void (await api.deleteFlowSchema({ name }).catch(() => {}));
}
