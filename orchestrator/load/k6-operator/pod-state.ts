import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { SIDECAR } from './sidecar.ts';

/** What a runner's pod says of itself. */
export interface PodState {
  readonly name: string;
  readonly node: string;
  /** The container that holds the samples runs. */
  readonly isSidecarUp: boolean;
  /** k6 runs or has run: it has a log. */
  readonly hasStarted: boolean;
  /** `told`: why it could not even be started, where Kubernetes says so; else empty. */
  readonly exit: { readonly code: number; readonly how: string; readonly told: string } | null;
  /** It was taken away; why. */
  readonly lost: string | null;
  /** One of its containers cannot be started, however long one waits; why. */
  readonly blocked: string | null;
  /** It will never do what it should; why: one of the two. */
  readonly hopeless: string | null;
  /** It may yet: what it waits for. */
  readonly waitsFor: string | null;
}

/** k6-operator's name for it. */
export const K6_CONTAINER = 'k6';
/** Reasons of a container that does not start, which do not pass by themselves. */
const HOPELESS =
  /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|CreateContainerConfigError|CreateContainerError|RunContainerError|StartError|CrashLoopBackOff)$/;

export function podState(pod: V1Pod): PodState {
  const { name = '', deletionTimestamp } = pod.metadata ?? {};
  const status = pod.status ?? {};
  const inits = status.initContainerStatuses ?? [];
  const sidecar = inits.find((one) => one.name === SIDECAR);
  const k6 = status.containerStatuses?.find((one) => one.name === K6_CONTAINER);
  const done = k6?.state?.terminated;
  const exit =
    done === undefined ? null : { code: done.exitCode, how: done.reason ?? '', told: told(done.message) };
  const lost = whyLost();
  const blocked = exit === null ? whyBlocked() : null;
  return {
    name,
    node: pod.spec?.nodeName ?? '',
    isSidecarUp: sidecar?.state?.running !== undefined,
    hasStarted: k6?.state?.running !== undefined || done !== undefined,
    exit,
    lost,
    blocked,
    hopeless: lost ?? blocked,
    waitsFor: waiting(),
  };

  function whyLost(): string | null {
    if (status.phase === 'Failed' && status.reason !== undefined)
      return `was ${status.reason === 'Evicted' ? 'evicted' : `ended (${status.reason})`}${told(status.message)}`;
    return exit === null && deletionTimestamp !== undefined ? 'was deleted' : null;
  }

  function whyBlocked(): string | null {
    for (const one of [...inits, ...(k6 === undefined ? [] : [k6])]) {
      const { waiting: waits, terminated } = one.state ?? {};
      if (waits?.reason !== undefined && HOPELESS.test(waits.reason))
        return `cannot start ${one.name}: ${waits.reason}${told(waits.message)}`;
      if (terminated !== undefined && terminated.exitCode !== 0)
        return `could not start: ${one.name} ended with ${terminated.exitCode}${told(terminated.message)}`;
    }
    return null;
  }

  function waiting(): string | null {
    const unscheduled = status.conditions?.find(
      (one) => one.type === 'PodScheduled' && one.status === 'False',
    );
    if (unscheduled !== undefined) return `was not scheduled${told(unscheduled.message)}`;
    const waits = [...inits, ...(k6 === undefined ? [] : [k6])].flatMap(reasonOf);
    return waits[0] ?? null;
  }
}

function reasonOf({ name, state }: V1ContainerStatus): string[] {
  const reason = state?.waiting?.reason;
  return reason === undefined || reason === 'PodInitializing' ? [] : [`waits for ${name} (${reason})`];
}

function told(message: string | undefined): string {
  return message === undefined || message === '' ? '' : `: ${message.replace(/\s+/g, ' ').slice(0, 300)}`;
}
