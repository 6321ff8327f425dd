import { z } from 'zod';
import { lasts } from './kind.ts';
import { countParam, treeParam } from './targets.ts';

export const freeze = lasts({
  kind: 'freeze',
  reversible: true,
  takesAway: true,
  summary:
    'stops processes or pods without closing their connections (SIGSTOP): they accept and never answer',
  params: z.strictObject({ ...countParam, ...treeParam }).prefault({}),
});
