import type { Params } from 'k6/http';
import { read } from './lib/journeys/reads.ts';
import { readSession, type Session, sessionOf } from './lib/journeys/session.ts';
import { write } from './lib/journeys/writes.ts';
import { planSpike, type SpikeShape } from './lib/rates/spike-plan.once.ts';
import { bearer, login } from './lib/runtime/auth.ts';
import { http } from './lib/runtime/k6.ts';
import { requestName, requestPath } from './lib/runtime/request-path.ts';
import { baseUrl, request } from './lib/runtime/target.ts';

/** 100 → 1000 requests a second at the gateway and back, open loop: mostly health checks, with some reads and writes. */
const plan = __VU > 0 ? null : planSpike();
export const options = plan?.options;
export const handleSummary = plan?.handleSummary;

interface Shared extends Pick<SpikeShape, 'readShare' | 'writeShare'> {
  /** Epoch ms, by setup()'s clock. k6's own `exec.scenario.startTime` is a few ms later, and would cost each virtual user 20 kB. */
  readonly plateauFrom: number;
  readonly plateauTo: number;
  /** The share of all requests that are not health checks. */
  readonly otherShare: number;
  readonly token: string | null;
  readonly session: Session | null;
}

export const setup = (): Shared => {
  const { shape } = plan ?? planSpike();
  const { readShare, writeShare, sessionShare } = shape;
  const otherShare = readShare + writeShare + sessionShare;
  const token = otherShare > 0 ? login() : null;
  const session = sessionShare > 0 ? sessionOf(token) : null;
  const startedAt = Date.now();
  const plateauFrom = startedAt + shape.plateauFromMs;
  const plateauTo = startedAt + shape.plateauToMs;
  return { readShare, writeShare, otherShare, plateauFrom, plateauTo, token, session };
};

/** These are copied when the stage changes, because k6 converts each field of setup()'s data whenever it is read. */
let otherShare = 0;
let stageEndsAt = 0;
let stage: 'ramp' | 'plateau' = 'ramp';
let health: Params | undefined;
/** Steps through 0 to 1 by the golden ratio, which spreads the shares more evenly than chance, and costs less. */
let draw = Math.random();

export default function spike(shared: Shared) {
  if (Date.now() >= stageEndsAt) enterStage(shared);
  draw += 0.618033988749895;
  if (draw >= 1) draw -= 1;
  if (draw >= otherShare) http.get(healthUrl, health);
  else readOrWrite(shared);
}

const enterStage = (shared: Shared): void => {
  const { plateauFrom, plateauTo } = shared;
  otherShare = shared.otherShare;
  const now = Date.now();
  stageEndsAt = now < plateauFrom ? plateauFrom : now < plateauTo ? plateauTo : Number.POSITIVE_INFINITY;
  stage = stageEndsAt === plateauTo ? 'plateau' : 'ramp';
  health = request({ name: requestName, stage });
};

const readOrWrite = ({ token, session, readShare, writeShare }: Shared): void => {
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
    read(`${baseUrl}/api/projects`, request({ name: 'GET /api/projects', stage }, bearer(token)));
  } else {
    readSession(session, request({ name: 'GET /api/session', stage }, bearer(token)));
  }
};

const healthUrl = `${baseUrl}${requestPath}`;
