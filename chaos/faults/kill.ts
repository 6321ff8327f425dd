import { z } from 'zod';
import { happensOnce } from './kind.ts';
import { countParam, treeParam } from './targets.ts';

export const kill = happensOnce({
  kind: 'kill',
  reversible: true,
  takesAway: true,
  summary: 'ends processes or pods at once, without a chance to say goodbye (SIGKILL)',
  params: z.strictObject({ ...countParam, ...treeParam }).prefault({}),
});
