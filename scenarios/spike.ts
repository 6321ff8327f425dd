import type { Params } from 'k6/http';
import { bearer, login } from './lib/auth.ts';
import { http } from './lib/k6.ts';
import { planSpike, type SpikeShape } from './lib/spike-plan.once.ts';
import { baseUrl, request } from './lib/target.ts';
import { write } from './lib/writes.ts';

/** 100 → 1000 requests a second on the gateway and back, open loop: mostly health checks, with project reads and writes. */
const plan = __VU > 0 ? null : planSpike();
export const options = plan?.options;
export const handleSummary = plan?.handleSummary;

/** `startedAt` instead of k6's own `exec.scenario.startTime`, a few ms later: that costs each virtual user 20 kB. */
interface Shared extends SpikeShape {
  readonly token: string | null;
  readonly startedAt: number;
}

export const setup = (): Shared => {
  const { shape } = plan ?? planSpike();
  const token = shape.readShare + shape.writeShare > 0 ? login() : null;
  return { ...shape, token, startedAt: Date.now() };
};

export default function spike({ token, readShare, writeShare, startedAt, plateauFrom, plateauTo }: Shared) {
  const elapsedMs = Date.now() - startedAt;
  const stage = elapsedMs >= plateauFrom && elapsedMs < plateauTo ? 'plateau' : 'ramp';
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
  } else {
    http.get(healthUrl, health[stage]);
  }
}

const healthUrl = `${baseUrl}/health`;
const health: Record<'ramp' | 'plateau', Params> = {
  ramp: request({ name: 'GET /health', stage: 'ramp' }),
  plateau: request({ name: 'GET /health', stage: 'plateau' }),
};
