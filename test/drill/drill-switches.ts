import { KEEPS_RUNS } from '../kept-runs.ts';
import type { DrillRequest } from './shared-testbed.ts';
import type { Shorter } from './shorten.ts';

/**
 * For each shipped drill, how it is shortened, and the switches of the testbed that turn it red: what a person would break to see that it
 * notices. drill-switches.test.ts checks that no drill is missing.
 */
export interface Red extends Pick<DrillRequest, 'keep' | 'whenIn'> {
  readonly by: string;
  readonly broken: readonly string[];
  readonly set?: readonly string[];
  readonly shorter?: Shorter;
  /** Balancers read their settings when they start. */
  readonly restart?: string;
  /** Settings that would keep it from starting again. */
  readonly afterRestart?: readonly string[];
}

export type DrillCase = readonly [name: string, shorter: Shorter, red: Red];

/** Of both gateways together as much as the drill's load takes for the capacity. */
const CAPACITY = ['gateway-capacity=20'];
/** A singer waits longer than the coach is frozen or the link cut: then the coach hears every chunk, and its record is the truth. */
const VOCAL: Shorter = {
  faultMs: 3_500,
  restMs: 5_000,
  faults: ['coach-lost', 'coach-frozen', 'link-cut'],
  vars: { 'vocal-stream': { SILENCE: '8s' } },
  measured: ['vocal.reconnect.p99'],
};
/** Who waits gets an answer in time, good or not. */
const ANSWERED_IN_TIME = ['browsing-answered-in-time', 'saving-answered-in-time'];
/** What the others keep while one service hangs. */
const OTHERS_FAST = ['breaker-opens', 'gateway-fast', 'browsing-fast', 'saving-fast'];
const OVERLOADED = ['gateway.overload.accepted', 'gateway.overload.refused'];
const STEADY_SIGNALS = ['gateway.latency.p95', 'gateway.throughput'];
/** The throughput is promised of 300 offered. A small machine has no room beside that, so the register alone is measured with it. */
const AS_PROMISED = { vars: { spike: { RATE: '300' } } };
/** What a drill needs of the testbed when it is green. */
export const NEEDS: Readonly<Record<string, readonly string[]>> = {
  overload: CAPACITY,
  'vocal-stream': ['vocal-record=true'],
  'studio-failover': ['never-fail-over=false'],
  // Slower, too, but not by as much as counts.
  rollback: ['new-version-fails=50', 'new-version-slow-ms=1'],
  'control-loop': ['control-period-ms=30000'],
  'counter-reset': ['restart-fails=producer', 'restart-helps-at=3', 'forget-tries-after-ms=5000'],
  escalation: ['restart-fails=producer', 'restart-by-hand-after-ms=25000'],
  forecast: ['watch-objectives=true', 'budget-window-ms=10000', 'error-share=0.1', 'error-path=/health'],
  'kill-switch': ['restart-frozen=true'],
  objectives: ['watch-objectives=true', 'budget-window-ms=60000'],
  saturation: ['watch-objectives=true', 'gateway-capacity=100'],
};

/**
 * Each of these runs whole: green in shipped-drills.testbed.test.ts, but for those of `greenAlone`, and red in
 * shipped-drills-red.testbed.test.ts.
 */
export const shippedDrills: readonly DrillCase[] = [
  [
    'gateway-kill',
    {},
    {
      by: 'a balancer that checks nobody, and a control loop that restarts nothing',
      set: ['balancer-blind=true'],
      restart: 'edge',
      afterRestart: ['never-restart=true'],
      shorter: { restMs: 13_000 },
      broken: ['few-errors', 'replaced', 'gateway-lost: recoverWithin'],
    },
  ],
  [
    'gateway-freeze',
    {},
    {
      by: 'alerts that reach nobody',
      set: ['alerts-url=http://127.0.0.1:9/'],
      // Within the load: that nothing came is only known once the time is up.
      shorter: { expect: { detectWithin: '3s' } },
      broken: ['gateway-frozen: detectWithin', 'alerted'],
    },
  ],
  [
    'stress',
    {},
    {
      by: 'a gateway that fails when it is busy',
      whenIn: ['error-share=0.5', 'error-path=/'],
      broken: ['few-errors'],
    },
  ],
  [
    'studio-latency',
    {},
    {
      by: 'a much slower link',
      whenIn: ['link-delay-ms=900'],
      keep: ['saving-works'],
      broken: ['saving-works'],
    },
  ],
  [
    'studio-partition',
    { faultMs: 4_000, restMs: 4_500, without: ['browsing-fresh-again'], measured: ANSWERED_IN_TIME },
    {
      by: 'reads that do not say that they are old, and a gateway that is slow and fails from the cut on',
      set: ['unmarked-degraded=true'],
      // The balancer gives up on an answer after 2.5 s, and tries once more. Every other answer is in time, and not marked.
      whenIn: [
        ...['slow-ms=4000', 'slow-every=2', 'slow-path=/api/projects'],
        ...['error-share=0.5', 'error-path=/api/projects'],
      ],
      shorter: { faultMs: 7_000, restMs: 17_000 },
      keep: ANSWERED_IN_TIME,
      broken: ['browsing-marked', ...ANSWERED_IN_TIME, 'link-cut: recoverWithin'],
    },
  ],
  [
    'studio-failover',
    { faultMs: 5_000, restMs: 6_000 },
    {
      by: 'gateways that stay with the first cloud, and writes that are forgotten',
      set: ['never-fail-over=true', 'forget-writes=5'],
      broken: [
        ...['over-1', 'over-2', 'back-1', 'back-2', 'failover-errors', 'browsing-fresh'],
        'first-cut: downtimeBelow',
        'writes',
      ],
    },
  ],
  [
    'cascade',
    // Those who wait for the breaker to open are few then. Without one, who waits is given up on after 5 s.
    { faultMs: 8_000, restMs: 4_500, measured: OTHERS_FAST },
    {
      by: 'no breaker, and a gateway that fails and is slow with the studio',
      set: ['breaker-off=true'],
      whenIn: ['slow-ms=600', 'error-share=0.5', 'error-path=/api/projects'],
      keep: OTHERS_FAST,
      broken: ['browsing-works', ...OTHERS_FAST],
    },
  ],
  [
    'postgres-failover',
    {},
    { by: 'writes that are forgotten', set: ['forget-writes=5'], broken: ['writes'] },
  ],
  [
    'redis-failover',
    // So short a load has the failures of a failover in it, and little else.
    { faults: ['primary-lost'], restMs: 7_000, without: ['few-errors'] },
    {
      by: 'sessions that are forgotten, and a gateway that fails from then on',
      set: ['forget-sessions=5'],
      whenIn: ['error-share=0.5', 'error-path=/api/projects'],
      shorter: { restMs: 33_000 },
      broken: ['redis.failover.sessions-kept', 'primary-lost: recoverWithin'],
    },
  ],
  [
    'spike',
    { faults: ['gateway-lost'] },
    {
      by: 'writes that are stored twice, and slow answers without any fault',
      set: ['duplicate-writes=5', 'slow-ms=600', 'slow-path=/api/projects'],
      shorter: { faults: [] },
      keep: ['projects.create.latency.p95', 'browsing-fast'],
      broken: ['writes', 'projects.create.latency.p95', 'browsing-fast'],
    },
  ],
  [
    'overload',
    { measured: OVERLOADED },
    {
      by: 'answers and refusals that come late, or not at all',
      set: [
        ...CAPACITY,
        ...['slow-ms=300', 'slow-path=/health'],
        ...['error-share=0.3', 'error-path=/health'],
      ],
      keep: OVERLOADED,
      broken: [...OVERLOADED, 'gateway.overload.after'],
    },
  ],
  [
    'collaboration',
    { faultMs: 3_500, restMs: 4_000 },
    {
      by: 'a session that forgets those who are away, repeats, mixes up, keeps the first write and tells nobody',
      set: [
        'shared-forgets-absent=true',
        'shared-repeats=20',
        ...['shared-slow-ms=700', 'slow-every=7'],
        'shared-first-wins=true',
        'shared-untold=true',
      ],
      broken: [
        'collaboration.lost',
        'collaboration.repeated',
        'collaboration.reordered',
        'collaboration.last-write-lost',
        'collaboration.untold-conflicts',
      ],
    },
  ],
  [
    'vocal-stream',
    VOCAL,
    {
      by: 'a coach that only a person brings back, who is slow then and answers twice',
      set: ['vocal-duplicates=20', 'restart-fails=vocal-coach', 'restart-by-hand-after-ms=9000'],
      whenIn: ['vocal-slow-ms=2500'],
      shorter: { faults: ['coach-lost'], restMs: 20_000 },
      keep: ['vocal.reconnect.p99'],
      broken: ['vocal.duplicated-chunks', 'vocal.reconnect.p99', 'coach-lost: downtimeBelow'],
    },
  ],
];

/** Green with nothing beside them, in speed-drills.integration.test.ts: a machine that stands still for a tenth of a second shows in what they measure. */
export const greenAlone: readonly string[] = ['cascade', 'overload', 'spike'];

/** What users do in the spike, without a fault in which others would be slow, too. */
export const spikeAlone: Shorter = {
  faults: [],
  measured: ['projects.create.latency.p95', 'browsing-fast'],
};

/** What a deployment takes here: the new version starts, has its share for 6 s, and takes the other gateway's place, too. */
const CANARY: Readonly<Record<string, string>> = { CANARY_FOR: '6s', POST_DEPLOY_FOR: '2s', DURATION: '26s' };

/** Each of these runs whole in control-drills.testbed.test.ts, on a testbed whose second gateway has a tenth of the load. */
export const controlDrills: readonly DrillCase[] = [
  [
    'soak',
    // So short a time shows no trend, and what a busy machine makes of a share of its processors is no promise.
    { faults: ['kill-01', 'kill-02'], restMs: 5_000, without: ['soak.memory-trend', 'soak.cpu-average'] },
    {
      by: 'a gateway that no restart brings back, until a person does',
      set: ['restart-fails=gateway-1', 'restart-by-hand-after-ms=2000'],
      broken: ['soak.recovery-rate'],
    },
  ],
  [
    'stable-after',
    {
      own: { STABLE: '3s' },
      restMs: 12_000,
      ...(KEEPS_RUNS ? AS_PROMISED : { without: ['gateway.throughput'] }),
      measured: STEADY_SIGNALS,
    },
    {
      by: 'gateways that fail and are slow from then on',
      shorter: { ...AS_PROMISED, without: [] },
      whenIn: [
        ...['error-share=0.3', 'error-path=/health'],
        ...['slow-ms=200', 'slow-path=/health', 'slow-every=2'],
      ],
      keep: STEADY_SIGNALS,
      broken: ['gateway.errors', 'gateway.availability', ...STEADY_SIGNALS],
    },
  ],
  [
    'rollback',
    { own: { DURATION: '24s' }, vars: { 'deployment-watch': { ALONE_FOR: '3s' } } },
    {
      by: 'a bad version that stays, and of which nobody hears',
      set: ['new-version-fails=50', 'never-roll-back=true'],
      shorter: {
        own: { DURATION: '15s' },
        withinMs: 8_000,
        vars: { 'deployment-watch': { ROLLBACK_WITHIN: '1s', ALONE_FOR: '3s' } },
      },
      broken: ['automatic-rollback.late', 'told', 'rolled-back'],
    },
  ],
  [
    'new-version',
    { own: CANARY, measured: ['post-deploy.latency.p95'] },
    {
      by: 'a version that gets traffic without having been looked at',
      set: ['skip-smoke=true'],
      shorter: { own: { ...CANARY, CANARY_FOR: '13s', DURATION: '15s' }, withinMs: 8_000 },
      broken: ['smoke-health', 'smoke-endpoints', 'smoke-database', 'no-traffic-before'],
    },
  ],
];

/**
 * The probes of these are asked without a load, with a switch for each, in testbed/control-plane.testbed.test.ts. Whole they run in
 * asked-drills.testbed.test.ts, in short. As they are shipped they take a quarter of an hour: as-shipped.testbed.test.ts, in a full run.
 */
export const askedAlone: readonly string[] = [
  'control-loop',
  'control-plane',
  'counter-reset',
  'dependencies',
  'escalation',
  'forecast',
  'kill-switch',
  'objectives',
  'saturation',
];

/** Only a cluster can do these: test/kubernetes/drills.cluster-drill.test.ts. */
export const onCluster: readonly string[] = ['gateway-autoscale', 'gateway-rollout', 'pod-recovery'];
