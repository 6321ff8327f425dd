import type { Params } from 'k6/http';
import { bearer, login } from './lib/auth.ts';
import { http } from './lib/k6.ts';
import { readSession, type Session, sessionOf } from './lib/session.ts';
import { planSpike, type SpikeShape } from './lib/spike-plan.once.ts';
import { baseUrl, request } from './lib/target.ts';
import { write } from './lib/writes.ts';

/** 100 → 1000 requests a second on the gateway and back, open loop: mostly health checks, with reads and writes. */
const plan = __VU > 0 ? null : planSpike();
export const options = plan?.options;
export const handleSummary = plan?.handleSummary;

/** `startedAt` instead of k6's own `exec.scenario.startTime`, a few ms later: that costs each virtual user 20 kB. */
interface Shared extends SpikeShape {
  readonly token: string | null;
  readonly session: Session | null;
  readonly startedAt: number;
}

export const setup = (): Shared => {
  const { shape } = plan ?? planSpike();
  const { readShare, writeShare, sessionShare } = shape;
  const token = readShare + writeShare + sessionShare > 0 ? login() : null;
  const session = sessionShare > 0 ? sessionOf(token) : null;
  return { ...shape, token, session, startedAt: Date.now() };
};

export default function spike(shared: Shared) {
  const { token, session, readShare, writeShare, sessionShare } = shared;
  const elapsedMs = Date.now() - shared.startedAt;
  const stage = elapsedMs >= shared.plateauFrom && elapsedMs < shared.plateauTo ? 'plateau' : 'ramp';
  const draw = Math.random();
  if (draw < writeShare) {
    write({
      url: `${baseUrl}/api/projects`,
      body: (key) => JSON.stringify({ name: `spike ${key}`, bpm: 120 }),
      params: request(
        { name: 'POST /api/projects', stage },
        { ...bearer(token), 'Content-Type': 'application/json' },
      ),
    });
  } else if (draw < writeShare + readShare) {
    http.get(`${baseUrl}/api/projects`, request({ name: 'GET /api/projects', stage }, bearer(token)));
  } else if (draw < writeShare + readShare + sessionShare) {
    readSession(session, request({ name: 'GET /api/session', stage }, bearer(token)));
  } else {
    http.get(healthUrl, health[stage]);
  }
}

const healthUrl = `${baseUrl}/health`;
const health: Record<'ramp' | 'plateau', Params> = {
  ramp: request({ name: 'GET /health', stage: 'ramp' }),
  plateau: request({ name: 'GET /health', stage: 'plateau' }),
};
