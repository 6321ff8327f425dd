import type { K6OperatorSettings } from '../../../chaos/schema/load.ts';
import {
  joinScript,
  PARTS_DIRECTORY,
  SAMPLES_DIRECTORY,
  SIDECAR,
  sidecarScript,
  waitScript,
} from './sidecar.ts';

export const GROUP = 'k6.io';
export const VERSION = 'v1alpha1';
export const PLURAL = 'testruns';

/** As much of a TestRun as squall writes and reads. */
export interface TestRun {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly uid?: string;
  };
  readonly spec: object;
  readonly status?: { readonly stage?: string };
}

export interface TestRunInput {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: K6OperatorSettings;
  /** The ConfigMaps with the archive, in their order. */
  readonly parts: readonly string[];
  /** Of k6, without `run`, the segment and the script. None may hold a blank: k6-operator before 1.6 splits them there. */
  readonly arguments: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The container that holds k6 back. */
export const WAIT = 'squall-wait';
/** In each ConfigMap. An archive holds what the script imports and opens, too. */
export const ARCHIVE = 'script.tar';
/** k6-operator's own label on everything that it makes for a TestRun. */
export const madeFor = (name: string) => `k6_cr=${name}`;
export const runnersOf = (name: string) => `${madeFor(name)},runner=true`;

/**
 * The load as k6-operator wants it. Each runner has a sidecar that holds the pipe with the samples, and does not start k6 before
 * somebody reads it. What the script says of thresholds is left out: one runner sees a part of the samples only.
 */
export function testRun({ name, labels, settings, parts, arguments: args, env }: TestRunInput): TestRun {
  const { image, namespace, parallelism, resources, nodeSelector, separate, startWithin } = settings;
  const mount = { name: VOLUME, mountPath: SAMPLES_DIRECTORY };
  const pod = {
    image,
    metadata: { labels },
    automountServiceAccountToken: 'false',
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
  };
  // One ConfigMap is k6-operator's own way. Of several, a container that comes first makes one file.
  const isWhole = parts.length === 1;
  const wait = waitScript(Math.ceil(startWithin / 1000));
  const small = besideK6(settings);
  const fromSecret = [{ secretRef: { name } }];
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'TestRun',
    metadata: { namespace, name, labels },
    spec: {
      parallelism,
      separate,
      script: isWhole ? { configMap: { name, file: ARCHIVE } } : { localFile: JOINED },
      arguments: args.join(' '),
      quiet: 'true',
      // squall has inspected and archived the script itself. An operator that cannot leave it out runs it without the sidecar.
      initializer: { ...pod, disabled: true, envFrom: fromSecret },
      starter: { metadata: { labels }, automountServiceAccountToken: 'false' },
      runner: {
        ...pod,
        envFrom: fromSecret,
        env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
        volumes: [
          { name: VOLUME, emptyDir: { sizeLimit: '64Mi' } },
          ...(isWhole ? [] : [partsVolume(parts)]),
        ],
        volumeMounts: [mount],
        ...(resources === undefined ? {} : { resources }),
        initContainers: [
          {
            name: SIDECAR,
            image,
            restartPolicy: 'Always',
            command: ['/bin/sh', '-c', sidecarScript()],
            volumeMounts: [mount],
            ...small,
          },
          {
            name: WAIT,
            image,
            command: ['/bin/sh', '-c', isWhole ? wait : joinScript(JOINED, wait)],
            volumeMounts: isWhole ? [mount] : [mount, { name: PARTS, mountPath: PARTS_DIRECTORY }],
            ...small,
          },
        ],
      },
    },
  };
}

/** Where a quota is, each container of a pod has to say what it takes, not only k6's. Both run a shell that waits. */
export function besideK6({ resources }: Pick<K6OperatorSettings, 'resources'>): {
  readonly resources?: object;
} {
  if (resources === undefined) return {};
  return { resources: { requests: { cpu: '50m', memory: '32Mi' }, limits: { cpu: '200m', memory: '64Mi' } } };
}

const VOLUME = 'squall-samples';
const PARTS = 'squall-parts';
const JOINED = `${SAMPLES_DIRECTORY}/${ARCHIVE}`;

/** All parts in one folder, named so that their order is that of the alphabet. */
function partsVolume(parts: readonly string[]): object {
  const sources = parts.map((name, index) => ({
    configMap: { name, items: [{ key: ARCHIVE, path: String(index).padStart(3, '0') }] },
  }));
  return { name: PARTS, projected: { sources } };
}
