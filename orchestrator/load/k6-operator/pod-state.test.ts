import type { V1ContainerState, V1Pod } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { podState } from './pod-state.ts';

interface PodText {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly deleted?: boolean;
  readonly unscheduled?: string;
  readonly sidecar?: V1ContainerState;
  readonly wait?: V1ContainerState;
  readonly k6?: V1ContainerState;
}

const RUNNING: V1ContainerState = { running: { startedAt: new Date(0) } };
const waiting = (reason: string, message?: string): V1ContainerState => ({
  waiting: { reason, ...(message === undefined ? {} : { message }) },
});
const ended = (exitCode: number, reason: string): V1ContainerState => ({ terminated: { exitCode, reason } });

function state(pod: PodText) {
  const status = (name: string, one: V1ContainerState | undefined) =>
    one === undefined ? [] : [{ name, state: one, ready: false, image: 'k6', imageID: '', restartCount: 0 }];
  const { phase, reason, message, unscheduled } = pod;
  const full = {
    metadata: { name: 'squall-load-1-x', ...(pod.deleted ? { deletionTimestamp: new Date(0) } : {}) },
    spec: { nodeName: 'node-a', containers: [] },
    status: {
      ...(phase === undefined ? {} : { phase }),
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
      conditions:
        unscheduled === undefined ? [] : [{ type: 'PodScheduled', status: 'False', message: unscheduled }],
      initContainerStatuses: [...status('squall-samples', pod.sidecar), ...status('squall-wait', pod.wait)],
      containerStatuses: status('k6', pod.k6),
    },
  } satisfies V1Pod;
  return podState(full);
}

test('from the sidecar to the end of k6', () => {
  const starting = waiting('PodInitializing');
  expect(state({ sidecar: starting, wait: starting, k6: starting })).toMatchObject({
    isSidecarUp: false,
    hopeless: null,
    waitsFor: null,
  });
  expect(state({ sidecar: RUNNING, wait: RUNNING, k6: starting })).toMatchObject({
    isSidecarUp: true,
    hasStarted: false,
    exit: null,
    hopeless: null,
  });
  expect(state({ sidecar: RUNNING, wait: ended(0, 'Completed'), k6: RUNNING })).toMatchObject({
    hasStarted: true,
    exit: null,
    hopeless: null,
  });
  expect(state({ sidecar: ended(0, 'Completed'), k6: ended(0, 'Completed') })).toMatchObject({
    exit: { code: 0, how: 'Completed' },
    hopeless: null,
  });
  expect(state({ phase: 'Failed', sidecar: RUNNING, k6: ended(137, 'OOMKilled') })).toMatchObject({
    exit: { code: 137, how: 'OOMKilled' },
    hopeless: null,
  });
});

test.each<[string, PodText, string]>([
  [
    'evicted',
    { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.', k6: ended(137, 'Error') },
    'was evicted: The node was low on memory.',
  ],
  ['deleted', { sidecar: RUNNING, k6: RUNNING, deleted: true }, 'was deleted'],
  [
    'an image that cannot be had',
    { sidecar: waiting('ErrImagePull', 'not found') },
    'cannot start squall-samples: ErrImagePull: not found',
  ],
  [
    'an image without a shell',
    { sidecar: waiting('RunContainerError', 'exec: "/bin/sh": no such file') },
    'cannot start squall-samples: RunContainerError: exec: "/bin/sh": no such file',
  ],
  [
    'nobody read its samples',
    { sidecar: RUNNING, wait: ended(1, 'Error') },
    'could not start: squall-wait ended with 1',
  ],
])('%s is hopeless, and says so', (_title, pod, text) => {
  expect(state(pod).hopeless).toBe(text);
});

test('what it waits for is known, and may yet come', () => {
  expect(state({ unscheduled: '0/3 nodes are available:  3 Insufficient cpu.' })).toMatchObject({
    hopeless: null,
    waitsFor: 'was not scheduled: 0/3 nodes are available: 3 Insufficient cpu.',
  });
  expect(state({ sidecar: waiting('ContainerCreating') }).waitsFor).toBe(
    'waits for squall-samples (ContainerCreating)',
  );
});
