/** The parts of chaos-mesh.org/v1alpha1 that squall writes and reads; a test holds them against the installed CRDs. */

export const GROUP = 'chaos-mesh.org';
export const VERSION = 'v1alpha1';

export const PLURALS = {
  PodChaos: 'podchaos',
  NetworkChaos: 'networkchaos',
  StressChaos: 'stresschaos',
  IOChaos: 'iochaos',
  DNSChaos: 'dnschaos',
  HTTPChaos: 'httpchaos',
  TimeChaos: 'timechaos',
} as const;
export type ChaosKind = keyof typeof PLURALS;

/** What Chaos Mesh keeps per pod: the rules of all objects that hit it, each with its `source`. */
export const POD_PLURALS = {
  NetworkChaos: 'podnetworkchaos',
  IOChaos: 'podiochaos',
  HTTPChaos: 'podhttpchaos',
} as const;

export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly uid?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
}

export interface ChaosObject<Kind extends ChaosKind = ChaosKind> {
  readonly apiVersion: `${typeof GROUP}/${typeof VERSION}`;
  readonly kind: Kind;
  readonly metadata: Metadata;
  readonly spec: Specs[Kind];
  readonly status?: Status;
}

export interface Selector {
  readonly namespaces: readonly string[];
  readonly labelSelectors?: Readonly<Record<string, string>>;
  readonly podPhaseSelectors?: readonly 'Running'[];
  /** Namespace to names. When it is there, Chaos Mesh looks at nothing else. */
  readonly pods?: Readonly<Record<string, readonly string[]>>;
}

export interface PodSelection {
  readonly mode: 'one' | 'all' | 'fixed';
  /** A string in the CRD, also when it counts; for mode fixed. */
  readonly value?: string;
  readonly selector: Selector;
}

interface Lasting {
  readonly duration?: string;
}
interface Containers {
  readonly containerNames?: readonly string[];
}

export interface PodChaosSpec extends PodSelection, Lasting, Containers {
  readonly action: 'pod-kill' | 'pod-failure' | 'container-kill';
  readonly gracePeriod?: number;
}

export interface NetworkChaosSpec extends PodSelection, Lasting {
  readonly action: 'partition' | 'delay' | 'loss' | 'bandwidth';
  readonly direction: 'to' | 'from' | 'both';
  readonly target?: PodSelection;
  readonly externalTargets?: readonly string[];
  readonly delay?: { readonly latency: string; readonly jitter?: string; readonly correlation?: string };
  /** Both are percentages as text. */
  readonly loss?: { readonly loss: string; readonly correlation?: string };
  readonly bandwidth?: { readonly rate: string; readonly limit: number; readonly buffer: number };
}

export interface StressChaosSpec extends PodSelection, Lasting, Containers {
  readonly stressors: {
    readonly cpu?: { readonly workers: number; readonly load: number };
    readonly memory?: { readonly workers: number; readonly size: string };
  };
}

export interface IOChaosSpec extends PodSelection, Lasting, Containers {
  readonly action: 'latency' | 'fault';
  readonly volumePath: string;
  readonly path?: string;
  readonly methods?: readonly string[];
  readonly percent: number;
  readonly delay?: string;
  readonly errno?: number;
}

export interface DNSChaosSpec extends PodSelection, Lasting, Containers {
  readonly action: 'error' | 'random';
  readonly patterns: readonly string[];
}

export interface HTTPChaosSpec extends PodSelection, Lasting {
  readonly target: 'Request' | 'Response';
  readonly port: number;
  readonly path?: string;
  readonly method?: string;
  readonly abort?: boolean;
  readonly delay?: string;
  readonly replace?: { readonly code: number };
}

export interface TimeChaosSpec extends PodSelection, Lasting, Containers {
  readonly timeOffset: string;
  readonly clockIds: readonly string[];
}

export interface Specs {
  readonly PodChaos: PodChaosSpec;
  readonly NetworkChaos: NetworkChaosSpec;
  readonly StressChaos: StressChaosSpec;
  readonly IOChaos: IOChaosSpec;
  readonly DNSChaos: DNSChaosSpec;
  readonly HTTPChaos: HTTPChaosSpec;
  readonly TimeChaos: TimeChaosSpec;
}

export interface Status {
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
  }[];
  readonly experiment?: {
    readonly desiredPhase?: 'Run' | 'Stop';
    readonly containerRecords?: readonly ContainerRecord[];
  };
  /** StressChaos: what runs, by `namespace/pod/container`. */
  readonly instances?: Readonly<Record<string, unknown>>;
}

/** One per pod or container that the object selects. */
export interface ContainerRecord {
  /** `namespace/pod` or `namespace/pod/container`. */
  readonly id: string;
  /** `.` for the selector, `.Target` for a network target. */
  readonly selectorKey: string;
  readonly phase: string;
  readonly injectedCount: number;
  readonly recoveredCount: number;
  readonly events?: readonly RecordEvent[];
}

export interface RecordEvent {
  readonly operation: 'Apply' | 'Recover';
  readonly type: 'Succeeded' | 'Failed';
  /** RFC 3339, whole seconds, the cluster's clock. */
  readonly timestamp: string;
  readonly message?: string;
}
