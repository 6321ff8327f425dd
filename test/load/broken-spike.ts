import type { Sabotage } from './http-target.ts';

export interface BrokenSpike {
  readonly title: string;
  readonly sabotage: Sabotage;
  readonly vars?: Readonly<Record<string, string | number>>;
  /** Exactly these objectives turn red. */
  readonly red: readonly string[];
}

const slow = (share: number, ms: number): Sabotage => ({
  delayMs: ({ url, nth }) => (url === '/health' && nth % Math.round(1 / share) === 0 ? ms : 0),
});

/** How to make the spike miss each of its objectives, with a target in the test's own process. */
export const brokenSpikes: readonly BrokenSpike[] = [
  { title: 'every answer 40 ms late', sabotage: slow(1, 40), red: ['gateway.latency.p50'] },
  { title: 'one answer in 12 150 ms late', sabotage: slow(1 / 12, 150), red: ['gateway.latency.p95'] },
  { title: 'one answer in 50 300 ms late', sabotage: slow(1 / 50, 300), red: ['gateway.latency.p99'] },
  {
    title: 'one answer in 100 a 500',
    sabotage: { status: ({ url, nth }) => (url === '/health' && nth % 100 === 0 ? 500 : null) },
    red: ['gateway.errors', 'gateway.availability'],
  },
  {
    // One user at 15 ms a request makes 60 of 100 requests a second.
    title: 'too few virtual users for a slow target',
    sabotage: slow(1, 15),
    vars: { VUS: 1 },
    red: ['generator.dropped-iterations'],
  },
  {
    title: 'a throughput that is not reached',
    sabotage: { status: ({ nth }) => (nth % 20 === 0 ? 500 : null) },
    vars: { RATE: 1000, BASE_RATE: 1000, DURATION: '2s', READ_SHARE: '0%', WRITE_SHARE: '0%' },
    red: ['gateway.errors', 'gateway.availability', 'gateway.throughput'],
  },
  {
    title: 'one session in 20 another one than that of the login',
    sabotage: { session: ({ nth }) => (nth % 20 === 0 ? 'another' : null) },
    vars: { SESSION_SHARE: '40%' },
    red: ['redis.failover.sessions-lost'],
  },
  {
    title: 'one session in 20 gone',
    sabotage: { status: ({ url, nth }) => (url === '/api/session' && nth % 20 === 0 ? 401 : null) },
    vars: { SESSION_SHARE: '40%' },
    red: ['gateway.errors', 'gateway.availability', 'redis.failover.sessions-lost'],
  },
  {
    title: 'one read of a session in 20 unanswered, which loses none',
    sabotage: { status: ({ url, nth }) => (url === '/api/session' && nth % 20 === 0 ? 503 : null) },
    vars: { SESSION_SHARE: '40%' },
    red: ['gateway.errors', 'gateway.availability'],
  },
];
