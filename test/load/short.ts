/** Short forms of each scenario: a few seconds, a few requests. */
export const short: Record<string, Record<string, string | number>> = {
  // The time-out is also the pause between the levels.
  'golden-signals': { LEVEL_DURATION: '1s', LEVEL_RATE: 100, DURATION: '1s', RATE: 100, TIMEOUT: '500ms' },
  spike: { RATE: 50, BASE_RATE: 50, RAMP: '0s', BASE_DURATION: '0s', DURATION: '4s', WRITE_SHARE: '20%' },
  projects: { USERS: 4, DURATION: '4s', THINK_TIME: '200ms' },
  beats: { SCALE: 0.02, PATIENCE: '5s', WATCH: '3s', SAMPLE_EVERY: '100ms' },
  events: { ROWS: 10_000, QUERIES: 8, EVENTS: 1_000, BATCH: 100 },
  exports: { STEMS: 10, ASK_EVERY: '50ms', PATIENCE: '10s' },
  'vocal-stream': { USERS: 3, DURATION: '3s', DRAIN: '1s', SAMPLE_EVERY: '200ms' },
  collaboration: { SESSIONS: 2, MEMBERS: 3, EVERY: '200ms', DURATION: '3s', DRAIN: '300ms' },
  'cross-cloud': { REQUESTS: 20, AI_REQUESTS: 2, AI_LIMIT: '1s', PAUSE: '10ms' },
  // Each user has to order a beat, and to ask about it later.
  business: { CUSTOMERS: 4, JOIN_EVERY: '100ms', CHURN_CUSTOMERS: 4, DAY: '80ms', DECIDE_WITHIN: '4s' },
  mix: { USERS: 10, DURATION: '4s', THINK_TIME: '200ms', BEAT_SHARE: '30%' },
  edges: { REST: '1s', DURATION: '2s', RATE: 20 },
  soak: { DURATION: '10s', USERS: 3, THINK_TIME: '200ms', SAMPLE_EVERY: '250ms', MEMORY_LIMIT_MB: 350 },
  requests: { RATE: 50, DURATION: '4s', REQUEST_PATH: '/health' },
  sessions: { USERS: 5, EVERY: '25ms', OPEN_FOR: '1100ms', SETTLE: '100ms', READ_FOR: '2s' },
  overload: {
    CAPACITY: 50,
    USUAL: 20,
    BEFORE: '1s',
    DURATION: '2s',
    AFTER: '2s',
    GRACE: '500ms',
    VUS: 100,
  },
  breakpoint: {
    RATE_FROM: 20,
    RATE_MAX: 20,
    STEP: '1s',
    REST: '10ms',
    AT_LEAST: 20,
    P95: '2s',
    P99: '2s',
    LATE: '100%',
  },
  // The edge gives a slow gateway one request at a time, and most of those should be the compared ones.
  'deployment-watch': {
    RATE: 20,
    COMPARE_RATE: 60,
    DURATION: '4s',
    VERSION_HEADER: 'X-Instance',
    BLUE: 'gateway-1',
    GREEN: 'gateway-2',
  },
};

/** Runs that have nothing beside them, for what the short forms leave out: they tell of the machine, too, or want a rate that fills it. */
export const alone = {
  throughput: ['golden-signals', { RATE: 1000, DURATION: '3s' }],
  /** With HOST_METRICS. */
  saturation: ['golden-signals', 'deployment-watch'],
} as const;
