import type { V1Container, V1Pod, V1Probe } from '@kubernetes/client-node';
import type { FaultRequest, Span, Target, UseWatch } from '../../../provider.ts';
import { createQuiet } from '../../../use/quiet.ts';
import { pause } from '../../../wait-until.ts';
import type { Cluster } from '../cluster.ts';
import { type ChaosMeshComponent, farPods } from '../component.ts';
import { endsOf, whyUnseen } from './link-ends.ts';
import { useOfLink } from './link-use.ts';
import { createNetReader, type NetReader } from './net-reader.ts';
import { readNetTables } from './net-tables.ts';
import { type PodLook, useOfAll, useOfPod } from './pod-use.ts';

/** A steady state of five seconds has to hold several looks, and the time before the load enough to tell bursts from a load. */
const LEAST_PAUSE_MS = 1_000;
/**
 * Packets are counted, ten to an exchange, and a pod with a pool of database connections has 50 of them in a second and a half by itself.
 * In that time they were told from 30 requests a second in two runs of three only.
 */
const QUIET_MS = 3_000;
/** Each look takes a node some milliseconds, and much more where a program has to be started for it: five a second at the most. */
const PAUSE_PER_POD_MS = 200;
/** Of a component with more pods, the others cannot be told. Of a link between pods, half of them at either end. */
const MAX_PODS = 20;
/** Three quarters of a minute of looks at least: a fault's steady window is shorter. Of a longer one, the end is measured. */
const MAX_LOOKS = 51;
/** The first ones are kept: they are from before the load. */
const FIRST_LOOKS = 6;

interface Container {
  readonly name: string;
  readonly reader: NetReader;
}

interface Watched {
  readonly name: string;
  readonly end: 'near' | 'far';
  readonly addresses: readonly string[];
  readonly probesPerSecond: number;
  readonly containers: readonly Container[];
  readonly looks: PodLook[];
  trouble: string | undefined;
}

/**
 * Reads, every few seconds, what the network of each pod of a component has done: by `cat` in the pod, which takes the right to run
 * programs in pods of that namespace, and no right on nodes. squall's own looks go through the kubelet, not through the pod's network.
 */
export function watchUse(
  cluster: Promise<Cluster>,
  request: FaultRequest,
  component: ChaosMeshComponent,
): UseWatch {
  const over = new AbortController();
  const pods = new Map<string, Watched>();
  /** Ends with pods that are not watched. */
  const leftOut = new Set<Watched['end']>();
  // Timers may fire a little early.
  const quiet = createQuiet(QUIET_MS - 100);
  let trouble: string | undefined;
  const watching = watch().catch((error: Error) => {
    trouble = error.message;
  });
  return {
    ready: quiet.seen,
    async between(targets, window) {
      const under = (one: Watched) => looksIn(one, window);
      const before = (one: Watched) => looksIn(one, window.quiet);
      if (pods.size === 0)
        return {
          inUse: null,
          seen: [`the network of the pods was not measured: ${trouble ?? 'nothing was read yet'}`],
        };
      if (component.to !== undefined) {
        const all = [...pods.values()];
        const doubt = trouble ?? whyUnseen(component, all, under, leftOut);
        return useOfLink(request.componentName, endsOf(component, all, under, before), doubt);
      }
      return useOfAll(
        hitBy(targets).map((one) =>
          useOfPod({
            ...one,
            looks: under(one),
            before: beforeOf(one, [...pods.values()], before),
            trouble: one.trouble ?? trouble,
          }),
        ),
        `none of the targets is among the pods that were measured (at most ${MAX_PODS})`,
      );
    },
    async close() {
      over.abort();
      await watching;
      for (const { containers } of pods.values()) for (const { reader } of containers) reader.close();
    },
  };

  async function watch(): Promise<void> {
    const to = await cluster;
    for (let looks = 0; !over.signal.aborted; looks += 1) {
      try {
        await look(to);
      } catch (error) {
        trouble = (error as Error).message;
      }
      quiet.looked();
      await pause(Math.max(LEAST_PAUSE_MS, looks === 0 ? 0 : PAUSE_PER_POD_MS * pods.size), over.signal);
    }
  }

  async function look(to: Cluster): Promise<void> {
    const far = farPods(component);
    const [near, other] = await Promise.all([
      to.listPods(component, over.signal),
      far === undefined ? [] : to.listPods(far, over.signal),
    ]);
    const present = new Set([...near, ...other].map(({ metadata }) => metadata?.uid ?? ''));
    for (const pod of near) remember(to, pod, 'near', present);
    for (const pod of other) remember(to, pod, 'far', present);
    await Promise.all([...pods].filter(([uid]) => present.has(uid)).map(([, one]) => read(one)));
    trouble = undefined;
  }

  async function read(one: Watched): Promise<void> {
    // All containers of a pod share its network: any of them will do that has a `cat`.
    for (const { name, reader } of one.containers) {
      try {
        const net = readNetTables(await reader.read(over.signal));
        if (net === undefined)
          throw new Error(`container ${name} has no \`cat\`, or /proc/net is hidden from it`);
        one.looks.push({ at: Date.now(), net });
        if (one.looks.length > MAX_LOOKS) one.looks.splice(FIRST_LOOKS, 1);
        one.trouble = undefined;
        return;
      } catch (error) {
        one.trouble = (error as Error).message;
        if (over.signal.aborted) return;
      }
    }
  }

  function remember(to: Cluster, pod: V1Pod, end: Watched['end'], present: ReadonlySet<string>): void {
    const { uid = '', name = '' } = pod.metadata ?? {};
    if (pods.has(uid) || pod.status?.phase !== 'Running') return;
    if (!hasRoom(end, present)) {
      leftOut.add(end);
      return;
    }
    const containers = pod.spec?.containers ?? [];
    const namespace = (end === 'far' ? farPods(component)?.namespace : undefined) ?? component.namespace;
    pods.set(uid, {
      name,
      end,
      addresses: pod.status.podIPs?.map(({ ip }) => ip) ?? [pod.status.podIP ?? ''],
      probesPerSecond: containers
        .flatMap(probesOf)
        .reduce((sum, { periodSeconds = 10 }) => sum + 1 / periodSeconds, 0),
      containers: inOrder(
        containers.map((container) => container.name),
        component.container,
      ).map((container) => ({
        name: container,
        reader: createNetReader(to, { namespace, pod: name, container }),
      })),
      looks: [],
      trouble: undefined,
    });
  }

  /** Pods that are gone make room: after a few rollouts they would be all that there is. */
  function hasRoom(end: Watched['end'], present: ReadonlySet<string>): boolean {
    const most = farPods(component) === undefined ? MAX_PODS : MAX_PODS / 2;
    const there = [...pods].filter(([, one]) => one.end === end);
    if (there.length < most) return true;
    const [uid, gone] = there.find(([one]) => !present.has(one)) ?? [];
    if (uid === undefined || gone === undefined) return false;
    for (const { reader } of gone.containers) reader.close();
    return pods.delete(uid);
  }

  /** A rollout hits the pods of its deployment, all of them. */
  function hitBy(targets: readonly Target[]): Watched[] {
    if (request.fault.kind === 'rollout') return [...pods.values()];
    return targets.flatMap(({ identity }) => pods.get(String(identity.uid)) ?? []);
  }
}

/** Those that connect to the pod; a program that the kubelet runs inside does not. */
function probesOf({ readinessProbe, livenessProbe }: V1Container): V1Probe[] {
  return [readinessProbe, livenessProbe].filter(
    (probe) => probe !== undefined && probe.exec === undefined,
  ) as V1Probe[];
}

function inOrder(names: readonly string[], first: string | undefined): string[] {
  return [...names].sort((a, b) => Number(b === first) - Number(a === first));
}

function looksIn({ looks }: Watched, { from, to }: Span): readonly PodLook[] {
  return looks.filter(({ at }) => at >= from && at <= to);
}

/** A pod that came later is taken to be polled as the one was that was polled most. */
function beforeOf(
  one: Watched,
  pods: readonly Watched[],
  before: (one: Watched) => readonly PodLook[],
): readonly PodLook[] {
  const opens = (looks: readonly PodLook[]) => (looks.at(-1)?.net.opens ?? 0) - (looks[0]?.net.opens ?? 0);
  const own = before(one);
  if (own.length > 1) return own;
  const others = pods.filter(({ end }) => end === one.end).map(before);
  const known = others.filter(({ length }) => length > 1).sort((a, b) => opens(b) - opens(a));
  return known[0] ?? [];
}
