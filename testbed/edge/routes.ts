import type { PortName } from '../lib/testbed.ts';

/** Where requests with a path prefix go. The first match counts. */
export interface EdgeRoute {
  readonly prefix: string;
  readonly members: readonly PortName[];
  /** How long an attempt may wait for the beginning of an answer. */
  readonly attemptTimeoutMs: number;
}

/** The load balancer is `edge` in front of the gateways and `studio-edge` (and `second-studio-edge`) in front of the studio's services. */
export type EdgeName = 'edge' | 'studio-edge' | 'second-studio-edge';

const sharedRoutes: readonly EdgeRoute[] = [
  { prefix: '/api/ai/chat', members: ['ai-brain'], attemptTimeoutMs: 31_000 },
  { prefix: '/api/ai/', members: ['producer'], attemptTimeoutMs: 1_800 },
  { prefix: '/api/exports', members: ['producer'], attemptTimeoutMs: 1_800 },
];

/** A new service of the studio gets its line here. */
export const edgeRoutes: Readonly<Record<EdgeName, readonly EdgeRoute[]>> = {
  edge: [
    // Singers, those who wait for a beat, and those who share a session are connected to the studio directly.
    { prefix: '/ws/beats', members: ['producer'], attemptTimeoutMs: 2_500 },
    { prefix: '/ws/sessions', members: ['producer'], attemptTimeoutMs: 2_500 },
    { prefix: '/ws/vocal', members: ['vocal-coach'], attemptTimeoutMs: 2_500 },
    { prefix: '/api/ai/chat', members: ['gateway-1', 'gateway-2'], attemptTimeoutMs: 35_000 },
    { prefix: '/', members: ['gateway-1', 'gateway-2'], attemptTimeoutMs: 2_500 },
  ],
  'studio-edge': [
    ...sharedRoutes,
    { prefix: '/', members: ['projects-1', 'projects-2'], attemptTimeoutMs: 1_800 },
  ],
  // A beat is known to the producer that makes it, so both clouds share that one.
  'second-studio-edge': [
    ...sharedRoutes,
    { prefix: '/', members: ['second-projects'], attemptTimeoutMs: 1_800 },
  ],
};

/** Replicas are asked for this page. */
export const healthPath = '/health';
export const checkEveryMs = 500;
export const checkTimeoutMs = 800;
/** One check that times out may be a pause of a busy machine; two in a row are not. */
export const timeoutsToEject = 2;
export const connectTimeoutMs = 1_000;
/** Below this, clients may keep a connection without using it. */
export const keepAliveMs = 75_000;
