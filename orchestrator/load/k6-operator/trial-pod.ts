import type { K6OperatorSettings } from '../../../chaos/schema/load.ts';
import type { TrialPod } from './cluster.ts';
import { K6_CONTAINER } from './pod-state.ts';
import { SIDECAR } from './sidecar.ts';
import { besideK6, WAIT } from './test-run.ts';

/** Its share of the name of an object, and the value of the label squall/fault. */
export const TRIAL = 'image';
/** It ends by itself this long after the time that the runners have. */
const SPARE_S = 30;

/** A pod like a runner's, whose k6 prints its version and ends. A pull that hangs ends with the time that the runners have. */
export function trialPod(
  { namespace, image, resources, nodeSelector, startWithin }: K6OperatorSettings,
  { name, labels }: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): TrialPod {
  return {
    metadata: { namespace, name, labels },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: Math.ceil(startWithin / 1000) + SPARE_S,
      automountServiceAccountToken: false,
      ...(nodeSelector === undefined ? {} : { nodeSelector }),
      ...(resources === undefined ? {} : { initContainers: initContainers(image, besideK6({ resources })) }),
      containers: [
        {
          name: K6_CONTAINER,
          image,
          command: ['/bin/sh', '-c', 'k6 version'],
          ...(resources === undefined ? {} : { resources }),
        },
      ],
    },
  };
}

/** They take what a runner's take, so that a quota refuses this pod where it would refuse a runner, and end with k6. */
function initContainers(image: string, small: object): readonly object[] {
  const stay = 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait $!; done';
  return [
    { name: SIDECAR, image, restartPolicy: 'Always', command: ['/bin/sh', '-c', stay], ...small },
    { name: WAIT, image, command: ['/bin/sh', '-c', 'exit 0'], ...small },
  ];
}

/** Not the name of a load: those are `squall-load-…`. */
export function isTrialName(name: string): boolean {
  return name.startsWith(`squall-${TRIAL}-`);
}
