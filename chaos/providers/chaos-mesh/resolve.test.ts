import type { V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import type { Cluster } from './cluster.ts';
import { chaosMeshComponent } from './component.ts';
import { componentOf, makeRequest } from './fixtures/requests.ts';
import { PLURALS } from './objects/types.ts';
import { resolveTargets } from './resolve.ts';

const signal = new AbortController().signal;
const stress = { kind: 'stress', for: '10s', params: { cpu: { workers: 1, load: 10 } } };
const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

describe('of a cluster that only answers what is asked of it', () => {
  it.each([
    ['the first without a word on it', {}, 'proxy'],
    ['the one that kubectl would take', { [DEFAULT_CONTAINER]: 'app' }, 'app'],
    ['the first when the pod has none of that name', { [DEFAULT_CONTAINER]: 'gone' }, 'proxy'],
  ])('a fault in one container hits %s, and the plan names it', async (_, annotations, container) => {
    const [target] = (await resolve(stress, [pod('web-1', { annotations }), pod('web-2')])).targets;
    expect(target?.label).toBe(`web-1 (uid uid-of-w, container ${container})`);
    expect(target?.identity).toMatchObject({ container });
  });

  it('the plan names the container that the component names', async () => {
    const annotations = { [DEFAULT_CONTAINER]: 'proxy' };
    const pods = [pod('web-1', { annotations }), pod('web-2', { annotations })];
    const [target] = (await resolve(stress, pods, { container: 'app' })).targets;
    expect(target?.label).toBe('web-1 (uid uid-of-w, container app)');
  });

  it.each([
    ['whole pods are hit', { kind: 'kill' }, ['proxy', 'app']],
    ['there is no other', stress, ['app']],
  ])('no container is named where %s', async (_, fault, containers) => {
    const { targets } = await resolve(fault, [pod('web-1', { containers }), pod('web-2', { containers })]);
    expect(targets[0]?.label).toBe('web-1 (uid uid-of-w)');
  });

  it('a target without the container that the others are hit in is refused: Chaos Mesh would leave it out', async () => {
    const annotations = { [DEFAULT_CONTAINER]: 'app' };
    const pods = [pod('web-1', { annotations }), pod('web-2', { containers: ['other'] })];
    const both = { kind: 'container-kill', params: { count: 2 } };
    await expect(resolve(both, pods, { atMost: 1 })).rejects.toThrow(/lab\/web-2 has no container app/);
  });

  it('pods that do not run are not counted at the ends of a link: they are not hit', async () => {
    const pods = [pod('a'), pod('b', { phase: 'Pending' }), pod('c', { phase: 'Failed' })];
    const { targets } = await resolve({ kind: 'partition', component: 'link', for: '10s' }, pods);
    expect(targets[0]?.label).toBe('link: app=client in lab (1 pod) ↔ app=web in lab (1 pod)');
  });

  it.each([
    ['latency', 'to', /; only what goes to pod addresses is hit, not what goes to the address of a Service$/],
    ['latency', 'both', /; of what goes to the address of a Service, only the answers are hit$/],
    ['latency', 'from', /pod\)$/],
    ['partition', 'both', /pod\)$/],
  ])(
    'the plan says what a %s on a link between pods does not hit in direction %s',
    async (kind, direction, end) => {
      const params = kind === 'latency' ? { delay: '80ms', direction } : { direction };
      const { targets } = await resolve({ kind, component: 'link', for: '10s', params }, [pod('a')]);
      expect(targets[0]?.label).toMatch(end);
    },
  );

  it("a link to a Service's own address is hit on the way there, which is all that the plan shows", async () => {
    const fault = {
      kind: 'latency',
      component: 'outside',
      for: '10s',
      params: { delay: '80ms', direction: 'to' },
    };
    const parsed = chaosMeshComponent.parse({
      provider: 'chaos-mesh',
      namespace: 'lab',
      labels: { app: 'web' },
      to: { hosts: ['edge.studio.svc'] },
    });
    const { targets } = await resolve(fault, [pod('a')], parsed);
    expect(targets[0]?.label).toBe('outside: app=web in lab (1 pod) → edge.studio.svc');
  });
});

describe('pods that would not come back', () => {
  const made = () => [pod('web-1'), pod('web-2')];
  const bare = pod('by-hand', { controller: null });
  const job = pod('batch-1', { controller: 'Job' });
  const once = pod('run-once', { restartPolicy: 'Never' });

  it.each([
    ['kill', bare],
    ['kill', job],
    ['container-kill', once],
  ])('are not hit by a %s where others are', async (kind, other) => {
    const { targets, candidates } = await resolve({ kind }, [other, ...made()]);
    expect(targets.map(({ label }) => label.split(' ')[0])).toEqual(['web-1']);
    expect(candidates).toHaveLength(3);
  });

  it.each([
    ['kill', bare, /kill the pod lab\/by-hand, which nothing would create again: it has no controller/],
    ['kill', job, /kill the pod lab\/batch-1, which is of the job batch-1-owner/],
    [
      'container-kill',
      once,
      /container-kill the pod lab\/run-once, which does not start its containers again/,
    ],
  ])('are refused for a %s that needs them', async (kind, other, message) => {
    const fault = { kind, params: { count: 3 } };
    const outcome = await resolve(fault, [other, ...made()], { atMost: 1 }).catch((error) => error);
    expect(outcome.message).toMatch(message);
    expect(outcome.fix).toMatch(/let a deployment or stateful set make the pods of pods, narrow its labels/);
  });

  it.each([
    [stress, bare],
    [{ kind: 'freeze', for: '10s' }, job],
    [{ kind: 'container-kill' }, bare],
    [{ kind: 'kill' }, once],
  ])('are those of other faults: %o', async (fault, other) => {
    const { targets } = await resolve(fault, [other], { atMost: 1 });
    expect(targets).toHaveLength(1);
  });
});

interface PodChange {
  /** The kind of what has made it; null: nothing. */
  readonly controller?: string | null;
  readonly restartPolicy?: string;
  readonly annotations?: Record<string, string>;
  readonly containers?: readonly string[];
  readonly phase?: string;
}

function pod(name: string, change: PodChange = {}): V1Pod {
  const { annotations = {}, containers = ['proxy', 'app'], phase = 'Running', restartPolicy } = change;
  const { controller: kind = 'ReplicaSet' } = change;
  const owner = { apiVersion: 'v1', kind: kind ?? '', name: `${name}-owner`, uid: 'o', controller: true };
  const ownerReferences = kind === null ? [] : [owner];
  return {
    metadata: { name, namespace: 'lab', uid: `uid-of-${name}`, annotations, ownerReferences },
    spec: {
      containers: containers.map((container) => ({ name: container })),
      ...(restartPolicy !== undefined && { restartPolicy }),
    },
    status: { phase, conditions: [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False' }] },
  };
}

async function resolve(fault: Record<string, unknown>, pods: readonly V1Pod[], change: object = {}) {
  const request = makeRequest(fault);
  const known: Partial<Cluster> = {
    allowed: async () => true,
    installedKinds: async () => new Set(Object.keys(PLURALS)),
    listPods: async () => pods,
  };
  return await resolveTargets(known as Cluster, request, { ...componentOf(request), ...change }, signal);
}
