import * as k8s from '@kubernetes/client-node';

const chaosMesh: k8s.FlowcontrolV1Subject = {
  kind: 'ServiceAccount',
  serviceAccount: { namespace: 'chaos-mesh', name: 'chaos-controller-manager' },
};
const everyAccount: k8s.FlowcontrolV1Subject = { kind: 'Group', group: { name: 'system:serviceaccounts' } };

/**
 * Where the calls of the tests queue at the API server. By default all accounts share `workload-low`, which may shrink to 24 seats. An
 * API server that does not know how many objects there are (one newer than its etcd) counts a list as 37 seats: the list waits until
 * nothing else is running, everything else waits behind it, and a write whose webhook waits for one of those fails after 5 s. In
 * `global-default` a list takes at most 8 of 24 seats. Chaos Mesh gets a queue of its own, as it should on any busy cluster
 * (docs/kubernetes.md, "A busy cluster").
 */
const flows = [
  { name: 'squall-tests-chaos-mesh', subject: chaosMesh, level: 'workload-high', precedence: 1_000 },
  { name: 'squall-tests-accounts', subject: everyAccount, level: 'global-default', precedence: 8_999 },
];

export async function setup(): Promise<() => Promise<void>> {
  if (!process.env.KUBECONFIG) return async () => {};
  const config = new k8s.KubeConfig();
  try {
    config.loadFromFile(process.env.KUBECONFIG);
  } catch {
    // Tests that need it say so; the others run without.
    return async () => {};
  }
  const api = config.makeApiClient(k8s.FlowcontrolApiserverV1Api);
  for (const flow of flows) {
    try {
      await api.createFlowSchema({ body: schemaOf(flow) });
    } catch (error) {
      // It exists already, for another project's tests; or the account may not create it, and the tests do without.
      if ((error as { code?: number }).code !== 409)
        console.warn(`no FlowSchema ${flow.name}: ${(error as Error).message}`);
    }
  }
  return async () => {
    for (const { name } of flows) await api.deleteFlowSchema({ name }).catch(() => {});
  };
}

function schemaOf({ name, subject, level, precedence }: (typeof flows)[number]): k8s.V1FlowSchema {
  const every = ['*'];
  return {
    metadata: { name },
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence: precedence,
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [subject],
          resourceRules: [
            { verbs: every, apiGroups: every, resources: every, namespaces: every, clusterScope: true },
          ],
        },
      ],
    },
  };
}
