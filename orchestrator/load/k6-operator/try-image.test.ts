import type { V1ContainerState, V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProviderError } from '../../../chaos/provider-error.ts';
import { k6OperatorLoad } from '../../../chaos/schema/load.ts';
import type { LoadObject } from './cluster.ts';
import { tryImage } from './try-image.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const settings = k6OperatorLoad.parse({
  runner: 'k6-operator',
  namespace: 'load',
  parallelism: 2,
  image: 'registry.test/k6:1.8.1',
  startWithin: '20s',
  nodeSelector: { disk: 'fast' },
  resources: { limits: { memory: '512Mi' } },
});

const small = {
  requests: { cpu: '50m', memory: '32Mi' },
  limits: { cpu: '200m', memory: '64Mi' },
};

interface Told {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly state?: V1ContainerState;
  /** Its node; left out: one. */
  readonly nodeName?: undefined;
  readonly unscheduled?: string;
}

/** As API servers answer it. */
function podOf(name: string, { state, unscheduled, ...told }: Told): V1Pod {
  const { phase = 'Pending', reason, message } = told;
  const status = { name: 'k6', ready: false, image: '', imageID: '', restartCount: 0 };
  const hasNode = !('nodeName' in told);
  return {
    metadata: { name, uid: 'one' },
    spec: { containers: [], ...(hasNode ? { nodeName: 'node-a' } : {}) },
    status: {
      phase,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
      conditions:
        unscheduled === undefined ? [] : [{ type: 'PodScheduled', status: 'False', message: unscheduled }],
      containerStatuses: state === undefined ? [] : [{ ...status, state }],
    },
  };
}

/** A cluster whose pod is in these states, one look after the other; the last one stays. */
async function tried(looks: readonly (Told | null)[], { keeps = false, refuses = '' } = {}) {
  const made: LoadObject[] = [];
  const armed = new Set<string>();
  let name: string | null = null;
  let look = 0;
  const cluster = {
    context: 'lab',
    server: 'https://a.test',
    async create(object: LoadObject) {
      if (refuses !== '') throw new ProviderError(refuses);
      made.push(object);
      name = object.body.metadata.name;
      return 'one';
    },
    async pods({ labels }: { labels: string }) {
      if (name === null || labels.startsWith('k6_cr')) return [];
      const told = looks[Math.min(look++, looks.length - 1)] ?? null;
      if (told !== null) return [podOf(name, told)];
      name = null;
      return [];
    },
    list: async () => [],
    async remove() {
      if (!keeps) name = null;
    },
  };
  const trial = {
    run: 'run-1',
    arm: async ({ id }: { id: string }) => void armed.add(id),
    disarm: async ({ id }: { id: string }) => void armed.delete(id),
    signal: new AbortController().signal,
  };
  const trying = tryImage(cluster, settings, trial).catch((error: Error) => error);
  await vi.advanceTimersByTimeAsync(90_000);
  return { outcome: await trying, made, left: name, armed: [...armed] };
}

const waiting = (reason: string, message = ''): Told => ({ state: { waiting: { reason, message } } });
const ended = (exitCode: number, reason: string, message?: string): Told => ({
  phase: exitCode === 0 ? 'Succeeded' : 'Failed',
  state: { terminated: { exitCode, reason, ...(message === undefined ? {} : { message }) } },
});
const pulling = waiting('ContainerCreating');

test('an image with k6 is tried by one pod like a runner, and nothing of it stays', async () => {
  const { outcome, made, left, armed } = await tried([pulling, pulling, ended(0, 'Completed')]);
  expect(outcome).toBeNull();
  expect(made).toEqual([
    {
      sort: 'pods',
      body: {
        metadata: {
          namespace: 'load',
          name: expect.stringMatching(/^squall-image-[0-9a-f]{10}$/),
          labels: {
            'app.kubernetes.io/managed-by': 'squall',
            'squall/run': 'run-1',
            'squall/fault': 'image',
          },
        },
        spec: {
          restartPolicy: 'Never',
          activeDeadlineSeconds: 50,
          automountServiceAccountToken: false,
          nodeSelector: { disk: 'fast' },
          initContainers: [
            expect.objectContaining({ name: 'squall-samples', restartPolicy: 'Always', resources: small }),
            expect.objectContaining({ name: 'squall-wait', resources: small }),
          ],
          containers: [
            {
              name: 'k6',
              image: 'registry.test/k6:1.8.1',
              command: ['/bin/sh', '-c', 'k6 version'],
              resources: { limits: { memory: '512Mi' } },
            },
          ],
        },
      },
    },
  ]);
  expect([left, armed]).toEqual([null, []]);
});

const notFound =
  'failed to pull and unpack image "registry.test/k6:1.8.1": failed to resolve reference: not found';
const noShell =
  'failed to create containerd task: exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown';
test.each<[string, readonly Told[], RegExp]>([
  [
    'that the registry does not have',
    [pulling, waiting('ErrImagePull', notFound)],
    /^k6-operator: the image registry\.test\/k6:1\.8\.1 cannot be had: its pod in load cannot start k6: ErrImagePull: failed to pull .* not found; see that the registry has it .*imagePullSecrets/,
  ],
  [
    'whose name cannot be',
    [waiting('InvalidImageName', "couldn't parse image name")],
    /cannot be had: .*InvalidImageName: couldn't parse image name; see that/,
  ],
  [
    'without a shell',
    [pulling, ended(128, 'StartError', noShell)],
    /k6 does not run in the image registry.*: it ended with 128 \(StartError\): failed to create .*"\/bin\/sh".*; take one with k6 and a shell/,
  ],
  [
    'without k6',
    [ended(127, 'Error')],
    /k6 does not run .*: it ended with 127; take one with k6 and a shell/,
  ],
  [
    'whose k6 has too little memory',
    [ended(137, 'OOMKilled')],
    /it ended with 137 \(OOMKilled\); take .* limits with which k6 can run/,
  ],
  [
    'that cannot be run at all',
    [waiting('CreateContainerConfigError', 'container has runAsNonRoot')],
    /does not start: its pod in load cannot start k6: CreateContainerConfigError: container has runAsNonRoot; take/,
  ],
  [
    'that takes too long',
    [pulling],
    /was not there within 20 s: its pod waits for k6 \(ContainerCreating\); pull it .* `startWithin`/,
  ],
])('an image %s is refused, with what is missing and how to get it', async (_title, looks, message) => {
  const { outcome, left, armed } = await tried(looks);
  expect(outcome).toBeInstanceOf(ProviderError);
  const { message: said, fix } = outcome as ProviderError;
  expect(`${said}; ${fix}`).toMatch(message);
  expect([left, armed]).toEqual([null, []]);
});

test.each<[string, readonly (Told | null)[], RegExp]>([
  [
    'no node takes it',
    [{ nodeName: undefined, unscheduled: '0/1 nodes are available: 1 Insufficient cpu.' }],
    /^whether the image .* was not found out before the run: a pod that tried it was not scheduled: 0\/1 nodes are available/,
  ],
  ['it is evicted', [pulling, { phase: 'Failed', reason: 'Evicted' }], /a pod that tried it was evicted$/],
  ['somebody deletes it', [pulling, null], /a pod that tried it was deleted$/],
])('%s: that says nothing of the image, and the run finds out', async (_title, looks, text) => {
  const { outcome, left, armed } = await tried(looks);
  expect(outcome).toMatch(text);
  expect([left, armed]).toEqual([null, []]);
});

test('a cluster that does not take the pod is heard, and leaves nothing armed', async () => {
  const { outcome, armed } = await tried([], { refuses: 'cannot create pods: violates PodSecurity' });
  expect(outcome).toMatchObject({ message: 'cannot create pods: violates PodSecurity' });
  expect(armed).toEqual([]);
});

test('a pod that does not go away stays armed', async () => {
  const { outcome, left, armed } = await tried([ended(0, 'Completed')], { keeps: true });
  expect([outcome, armed]).toEqual([null, [`k6-operator:load/${left}`]]);
});
