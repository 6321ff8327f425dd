import { z } from 'zod';
import { happensOnce } from './kind.ts';
import { countParam } from './targets.ts';

export const stop = happensOnce({
  kind: 'stop',
  reversible: true,
  takesAway: true,
  summary: 'stops replicas in order: SIGTERM, and SIGKILL only when their grace is over',
  params: z.strictObject({ ...countParam }).prefault({}),
});
