import mix from '../thresholds/mix.ts';
import { browse, type MixUser, save } from './lib/journeys/mix.ts';
import { orderOrAsk } from './lib/journeys/mix-beats.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { bearer, login } from './lib/runtime/auth.ts';
import { durationFrom, numberFrom, shareFrom, wholeNumber } from './lib/runtime/env.ts';
import { exec, sleep } from './lib/runtime/k6.ts';

/** 100 users who browse (70 %), save (20 %) and order beats (10 %), with time to think in between. */
const users = numberFrom('USERS', 100, wholeNumber);
const durationMs = durationFrom('DURATION', 1_800_000, 1_000);
const thinkMs = durationFrom('THINK_TIME', 2_000);
const saveShare = shareFrom('SAVE_SHARE', 0.2);
const beatShare = shareFrom('BEAT_SHARE', 0.1);
if (saveShare + beatShare > 1) throw new Error('SAVE_SHARE and BEAT_SHARE add up to more than 100%');

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'mix',
  objectives: mix,
  openLoop: false,
  // How much of the beats' share was orders, and how much was questions about one.
  names: ['GET /api/projects', 'POST /api/projects', 'POST /api/ai/generate-beat', 'GET /api/ai/beats/:id'],
}));

export const options = {
  scenarios: { mix: { executor: 'constant-vus', vus: users, duration: `${durationMs}ms` } },
  discardResponseBodies: true,
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

export const setup = () => ({ token: login() });

let user: MixUser | undefined;

export default function live({ token }: { token: string | null }) {
  user ??= { headers: { ...bearer(token), 'Content-Type': 'application/json' }, beat: null };
  if (exec.vu.iterationInScenario === 0) sleep((Math.random() * thinkMs) / 1000);
  const draw = Math.random();
  if (draw < beatShare) orderOrAsk(user);
  else if (draw < beatShare + saveShare) save(user);
  else browse(user);
  // Half to one and a half times as long: people are not metronomes.
  sleep((thinkMs * (0.5 + Math.random())) / 1000);
}
