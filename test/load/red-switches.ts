import type { PortName } from '../../testbed/lib/testbed.ts';

/**
 * For every objective of every scenario, what turns it red: switches of the testbed or, where the generator has to fail, settings of
 * the scenario. red-switches.test.ts checks that none is missing. switches.integration.test.ts throws each of them, except those that
 * want little company or none, which suite.integration.test.ts throws.
 */
export interface RedSwitch {
  readonly scenario: string;
  /** `name=value` pairs for the testbed. */
  readonly set: readonly string[];
  /** Exactly these objectives turn red. */
  readonly red: readonly string[];
  readonly vars: Readonly<Record<string, string | number>>;
  /** The service of the testbed that the load goes to; left out: the load balancer in front of all. */
  readonly at?: PortName;
}

const row = (
  scenario: string,
  set: string,
  red: readonly string[],
  { at, ...vars }: Readonly<Record<string, string | number>> & { readonly at?: PortName } = {},
): RedSwitch => ({
  scenario,
  set: set.split(' ').filter((pair) => pair !== ''),
  red,
  vars,
  ...(at === undefined ? {} : { at }),
});

const levels = ['users-10', 'users-100', 'users-1000', 'open-loop'];
const golden = (...names: string[]) =>
  names.flatMap((name) => levels.map((level) => `gateway.${name}.${level}`));
const edges = (name: string) => [`${name}.at-rest`, `${name}.under-load`];
const honest = (...names: string[]) => names.map((name) => `gateway.${name}.honest`);
const each = (...names: string[]) =>
  names.flatMap((name) => [`canary.gateway-1.${name}`, `canary.gateway-2.${name}`]);
const health = 'slow-path=/health';
/** Of two gateways, as much as the short overload takes for the capacity. */
export const capacity = 'gateway-capacity=25';

export const redSwitches: readonly RedSwitch[] = [
  // One virtual user that waits 40 ms makes 25 of 100 requests a second.
  row('golden-signals', `slow-ms=40 ${health}`, [...golden('latency.p50'), 'generator.dropped-iterations'], {
    VUS: 1,
  }),
  row('golden-signals', `slow-ms=150 slow-every=10 ${health}`, golden('latency.p95')),
  row('golden-signals', `slow-ms=300 slow-every=33 ${health}`, golden('latency.p99')),
  row(
    'golden-signals',
    'error-share=0.2 error-path=/health',
    [...golden('errors', 'availability'), 'gateway.throughput.open-loop'],
    { RATE: 1000 },
  ),

  // Errors spare the login: without a token everything else would fail as well.
  row('spike', 'error-share=0.5 error-path=/api/projects', ['gateway.errors', 'gateway.availability']),

  row('requests', `slow-ms=150 slow-every=10 ${health}`, ['requests.latency.p95'], { P95: '100ms' }),
  row('requests', 'error-share=0.2 error-path=/health', ['requests.errors']),
  row('requests', `slow-ms=40 ${health}`, ['generator.dropped-iterations'], { VUS: 1 }),

  row('overload', `${capacity} overload-queues=true`, ['gateway.overload.accepted']),
  row('overload', `${capacity} slow-ms=300 ${health}`, [
    'gateway.overload.accepted',
    'gateway.overload.refused',
  ]),
  row('overload', `${capacity} error-share=0.3 error-path=/health`, [
    'gateway.overload.answered',
    'gateway.overload.after',
  ]),
  row('overload', 'gateway-capacity=1', ['gateway.overload.served', 'gateway.overload.after']),
  row('overload', `slow-ms=40 ${health}`, ['generator.dropped-iterations'], { VUS: 1 }),

  row('sessions', 'forget-sessions=3', ['redis.failover.sessions-kept']),

  row('projects', 'slow-ms=600', ['projects.create.latency.p95']),
  row('projects', 'forget-writes=2', ['projects.lost-writes']),
  row('projects', 'duplicate-writes=2', ['projects.duplicated-writes']),
  row('projects', 'deadlock-writes=10', ['projects.deadlocks']),
  row('projects', 'bounds-off=true', ['projects.constraints']),
  row('projects', 'last-write-wins=true', ['projects.races']),
  row('projects', 'error-share=0.2 error-path=/api/projects', ['projects.errors']),

  row('beats', 'beat-fails=3', ['beats.errors']),
  row('beats', 'beat-max-ms=3000', ['beats.duration'], { PATIENCE: '30s' }),
  row('beats', 'beat-unannounced=4', ['beats.notifications.missing']),
  row('beats', 'beat-announced-late-ms=1500', ['beats.notifications.late']),
  row('beats', 'store-forgets=3', ['beats.stored']),
  row('beats', 'audio-unrecorded=3', ['beats.stored']),
  row('beats', 'store-cuts=3', ['beats.stored', 's3.upload']),
  row('beats', 'store-unsigned=true', ['s3.signed-url']),
  // In several rounds: one is made within a second, and what is there before the first reading is no growth.
  row('beats', 'beat-leak-kb=5000', ['beats.memory-growth'], { ROUNDS: 3 }),

  row('exports', 'export-fails=3', ['exports.failed']),
  // One is made, two wait, and the others are refused.
  row('exports', 'export-workers=1 export-queue=2', ['exports.failed']),
  row('exports', 'export-silent=true', ['exports.progress']),
  row('exports', 'store-cuts=3', ['exports.stored']),

  row('events', '', ['events.rows'], { ROWS: 2_000_000 }),
  row('events', 'slow-ms=700 slow-path=/api/events slow-method=GET', ['events.query'], { QUERIES: 2 }),
  // A tenth of the rows, and more users at once. What moves in meanwhile has to wait, too.
  row('events', 'events-unindexed=true', ['events.query'], { USERS: 60, QUERIES: 60, WRITE_ATTEMPTS: 7 }),
  row('events', 'events-unfiltered=true', ['events.found']),
  row('events', 'slow-ms=500 slow-path=/api/events/batch', ['rds.migration'], {
    EVENTS: 500,
    MIGRATE_WITHIN: '3s',
  }),
  row('events', 'forget-events=7', ['rds.migration.lost']),

  row('vocal-stream', 'vocal-slow-ms=200', ['vocal.chunk-latency']),
  // Too few to show at the p95. The next answers do not wait for a late one.
  row('vocal-stream', 'vocal-slow-ms=200 slow-every=33', ['vocal.chunk-latency', 'vocal.reordered-chunks']),
  row('vocal-stream', 'vocal-drops=20', ['vocal.dropped-chunks']),
  row('vocal-stream', 'vocal-reorders=20', ['vocal.reordered-chunks']),
  row('vocal-stream', 'vocal-duplicates=20', ['vocal.duplicated-chunks']),
  row('vocal-stream', 'vocal-wrong-pitch=10', ['vocal.pitch']),
  row('vocal-stream', 'vocal-foreign-frames=20', ['vocal.unreadable-frames']),
  // The chunk at which it hangs up is not answered either.
  row('vocal-stream', 'vocal-hangs-up=60', ['vocal.dropped-chunks', 'vocal.reconnects']),
  row('vocal-stream', 'vocal-leak-kb=1024', ['vocal.memory-growth']),
  // No coach answers for nothing.
  row('vocal-stream', '', ['vocal.cpu'], { CPU_LIMIT: '0.1%' }),
  // The generator's own objective: no timer is this exact.
  row('vocal-stream', '', ['vocal.sent-when-due'], { SEND_TOLERANCE: '0ms' }),

  row('collaboration', 'shared-slow-ms=1500', ['collaboration.visible'], { DRAIN: '2s' }),
  row('collaboration', 'shared-slow-ms=700 slow-every=7', ['collaboration.reordered'], { DRAIN: '1s' }),
  row('collaboration', 'shared-forgets=20', ['collaboration.lost']),
  row('collaboration', 'shared-repeats=20', ['collaboration.repeated']),
  row('collaboration', 'shared-untold=true', ['collaboration.untold-conflicts']),
  row('collaboration', 'shared-first-wins=true', ['collaboration.last-write-lost']),

  row('cross-cloud', 'slow-ms=150 slow-path=/api/projects', ['cross-cloud.latency.p95']),
  row('cross-cloud', 'link-delay-ms=120', ['cross-cloud.latency.p95', 'cross-cloud.link.p95']),
  row('cross-cloud', 'brain-ms=3000', ['cross-cloud.ai-request']),
  row('cross-cloud', 'error-share=0.5 error-path=/api/projects', ['cross-cloud.errors']),

  row('business', 'onboard-without=customer', ['onboarding.customer'], { PARTS: 'onboarding' }),
  // A dashboard is shown to who has a key.
  row('business', 'onboard-without=api-key', ['onboarding.api-key', 'onboarding.dashboard'], {
    PARTS: 'onboarding',
  }),
  row('business', 'onboard-without=mail', ['onboarding.mail'], { PARTS: 'onboarding' }),
  row('business', 'onboard-without=dashboard', ['onboarding.dashboard'], { PARTS: 'onboarding' }),
  row('business', 'onboard-without=database-row', ['onboarding.database-row'], { PARTS: 'onboarding' }),
  row('business', 'churn-mails=two', ['churn.unused'], { PARTS: 'churn' }),
  row('business', 'churn-mails=everybody', ['churn.in-use'], { PARTS: 'churn' }),
  row('business', 'route-wrong=5', ['model-routing.accuracy'], { PARTS: 'routing' }),
  row('business', 'cost-alert-off=true', ['cost.alert'], { PARTS: 'cost' }),
  row(
    'business',
    'never-optimise=true',
    ['cost.month', 'cost.optimisation.decided', 'cost.optimisation.half'],
    {
      PARTS: 'cost',
    },
  ),
  row('business', 'move-share=0.2', ['cost.month', 'cost.optimisation.half'], { PARTS: 'cost' }),

  row('mix', 'error-share=0.3 error-path=/api/projects', ['mix.errors']),
  row('mix', 'slow-ms=150 slow-path=/api/projects slow-method=GET', ['mix.browse.latency.p95']),
  row('mix', 'slow-ms=600 slow-path=/api/projects slow-method=POST', ['projects.create.latency.p95']),
  row('mix', 'slow-ms=600 slow-path=/api/ai/generate-beat', ['mix.order-beat.latency.p95']),
  row('mix', 'beat-fails=2', ['beats.errors']),

  row('edges', 'accept-missing=true', edges('auth.missing-token')),
  row('edges', 'accept-expired=true', edges('auth.expired-token')),
  row('edges', 'accept-tampered=true', edges('auth.tampered-token')),
  row('edges', 'admin-for-all=true', [
    ...edges('auth.admin-as-user'),
    ...edges('auth.other-users-project'),
    ...edges('auth.other-users-project.changing'),
    ...edges('auth.other-users-project.deleting'),
  ]),
  row('edges', 'login-as-query=true', edges('auth.login-injection')),
  row('edges', 'counted-ids=true', edges('ids.not-guessable')),
  row('edges', 'show-stacks=true', edges('answers.no-secrets')),
  row('edges', 'strip-names=true', edges('input.script-in-name')),
  row('edges', 'search-as-pattern=true', edges('input.sql-in-search')),
  row('edges', 'serve-traversal=true', edges('input.path-traversal')),
  row('edges', 'body-limit-off=true', edges('input.10MB-json')),
  row('edges', 'rate-limiter-off=true', edges('rate-limit')),
  row('edges', 'empty-health=true', ['health.empty-payload']),
  // Not "health.slower-than-5s": flapping is not reported as many outages. Honest users get the 503s, too.
  row('edges', 'flap-health-ms=400', ['flapping', ...honest('errors', 'availability')]),
  // Sent to a gateway itself, because the load balancer gives up earlier; honest users ask for the same page, and wait.
  row(
    'edges',
    `slow-ms=5200 ${health}`,
    [
      'health.slower-than-5s',
      ...honest('latency.p50', 'latency.p95', 'latency.p99'),
      'generator.dropped-iterations',
    ],
    { at: 'gateway-1', TIMEOUT: '7s', VUS: 10 },
  ),

  row('soak', 'error-share=0.3 error-path=/api/projects', ['soak.errors']),
  row('soak', 'burn-cpu=0.7', ['soak.cpu-average']),
  row('soak', 'gateway-leak-kb=512', ['soak.memory-trend']),
  // Last, because leaked memory stays resident for a while.
  row('soak', 'gateway-leak-kb=4096', ['soak.memory', 'soak.memory-trend']),

  row('breakpoint', 'slow-ms=400', ['gateway.throughput'], { P95: '300ms', P99: '300ms' }),

  // Both are slow, so green is no worse than blue.
  row('deployment-watch', `slow-ms=250 ${health}`, [
    'gateway.latency.p95',
    'gateway.latency.p99',
    ...each('p95', 'p99'),
  ]),
  // Only some of all requests are slow; whether the objectives for all are missed depends on the load balancer.
  row('deployment-watch', `slow-ms=500 ${health} slow-instance=gateway-2`, [
    'canary.gateway-2.p95',
    'canary.gateway-2.p99',
    'canary.p50-ratio',
    'canary.p95-ratio',
    'canary.p99-ratio',
  ]),
  row('deployment-watch', 'error-share=0.3 error-path=/health error-instance=gateway-2', [
    'rolling-update.failed-requests',
    'canary.gateway-2.failed',
    'canary.extra-errors',
  ]),
  row('deployment-watch', 'error-share=0.3 error-path=/health error-instance=gateway-1', [
    'rolling-update.failed-requests',
    'canary.gateway-1.failed',
  ]),
  row('deployment-watch', `slow-ms=90 ${health}`, ['generator.dropped-iterations'], { VUS: 1 }),
];
