import { z } from 'zod';
import { happensOnce } from './kind.ts';

export const rollout = happensOnce({
  kind: 'rollout',
  reversible: true,
  takesAway: false,
  summary: 'replaces every pod of a component in the way its deployment is configured (a rolling restart)',
  params: z.strictObject({}).prefault({}),
});
