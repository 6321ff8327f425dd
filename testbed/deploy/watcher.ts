import { readFileSync } from 'node:fs';
import https from 'node:https';
import { createIncidents } from '../control/incidents.ts';
import { closeOnSignal, createLog } from '../lib/log.ts';
import { compare, type Ready } from './lost.ts';

/**
 * The part of the control loop that Kubernetes lacks: it restarts pods by itself, but sends no alerts. Every second this looks at the
 * pods of each component, and at how the gateways see the studio, and sends Alertmanager-style alerts.
 * From its environment: ALERTS_URL, NAMESPACE, COMPONENTS (comma-separated, as in the label `component`).
 */
interface Labelled {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
}
interface Workload extends Labelled {
  readonly spec: { readonly replicas: number };
}
interface Pod {
  readonly metadata: Labelled['metadata'] & {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly status?: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

const everyMs = 1_000;
const gatewayPort = 9_010;
/** An incident stays open at least this long, so that a pod that is replaced within a second is reported as well. */
const openForMs = 5_000;
const account = '/var/run/secrets/kubernetes.io/serviceaccount';

const log = createLog('watcher');
const namespace = required('NAMESPACE');
const components = required('COMPONENTS').split(',');
const alertsUrl = required('ALERTS_URL');
const incidents = createIncidents(() => alertsUrl, log);
const agent = new https.Agent({ keepAlive: true, ca: readFileSync(`${account}/ca.crt`) });
/** By component, the pods that the next look is compared with. */
const seenBefore = new Map<string, Ready>();
const openedAt = new Map<string, number>();

const timer = setInterval(() => void look(), everyMs);
closeOnSignal(async () => {
  clearInterval(timer);
  incidents.close();
});

async function look(): Promise<void> {
  try {
    // One list for all components, because lists are expensive for an API server.
    const [pods, workloads] = await Promise.all([
      list<Pod>('/api/v1', 'pods'),
      list<Workload>('/apis/apps/v1', 'deployments'),
    ]);
    for (const component of components) {
      const wanted = workloads.filter(isOf(component)).reduce((sum, { spec }) => sum + spec.replicas, 0);
      judge(component, pods.filter(isOf(component)), wanted);
    }
    await judgeLink(pods.filter(isOf('gateway')));
  } catch (error) {
    log.warn({ err: (error as Error).message }, 'could not look');
  }
}

function isOf(component: string) {
  return ({ metadata }: Labelled) => metadata.labels?.component === component;
}

function judge(component: string, pods: readonly Pod[], wanted: number): void {
  const ready = new Map(pods.filter(isReady).map((pod) => [pod.metadata.uid, restartsOf(pod)]));
  const { lost, restarted, before } = compare(seenBefore.get(component), ready, wanted);
  if (before !== undefined) seenBefore.set(component, before);
  const key = `${component}:pods`;
  const summary = `of ${wanted} pods of ${component}, ${lost} are lost or not ready, ${restarted} have restarted`;
  if (lost > 0 || restarted > 0) report(key, 'ReplicaLost', component, summary);
  else settle(key);
}

async function judgeLink(gateways: readonly Pod[]): Promise<void> {
  const answers = await Promise.all(
    gateways.filter(isReady).map(async ({ status }) => {
      const response = await fetch(`http://${status?.podIP}:${gatewayPort}/-/reach`, {
        signal: AbortSignal.timeout(800),
      });
      return ((await response.json()) as { reachable: boolean }).reachable;
    }),
  );
  const cut = answers.filter((reachable) => !reachable).length;
  if (cut > 0)
    report('link', 'LinkDown', 'studio-link', `${cut} of ${answers.length} gateways do not reach the studio`);
  else settle('link');
}

function report(key: string, alertname: string, component: string, summary: string): void {
  if (!openedAt.has(key)) openedAt.set(key, Date.now());
  incidents.fire(key, { alertname, component, instance: component, severity: 'critical', summary });
}

function settle(key: string): void {
  const since = openedAt.get(key);
  if (since === undefined || Date.now() - since < openForMs) return;
  openedAt.delete(key);
  incidents.resolve(key);
}

function list<Item>(api: string, plural: string): Promise<readonly Item[]> {
  const host = required('KUBERNETES_SERVICE_HOST');
  const query = new URLSearchParams({ labelSelector: `component in (${components.join()})` });
  return new Promise((resolve, reject) => {
    const request = https.get(
      {
        host,
        port: required('KUBERNETES_SERVICE_PORT'),
        path: `${api}/namespaces/${namespace}/${plural}?${query}`,
        agent,
        timeout: 2_000,
        // Read each time: the kubelet renews it.
        headers: { authorization: `Bearer ${readFileSync(`${account}/token`, 'utf8')}` },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode !== 200) reject(new Error(`${response.statusCode}: ${text.slice(0, 200)}`));
          else resolve((JSON.parse(text) as { items: Item[] }).items);
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error('the API server does not answer')));
    request.on('error', reject);
  });
}

function isReady({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

function restartsOf({ status }: Pod): number {
  return (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`watcher: ${name} is not set`);
  return value;
}
