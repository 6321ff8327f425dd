import { z } from 'zod';
import type { FaultKind } from './kind.ts';
import { countParam, treeParam } from './targets.ts';

export const freeze = {
  kind: 'freeze',
  lasting: true,
  reversible: true,
  summary:
    'stops processes or pods without closing their connections (SIGSTOP): they accept and never answer',
  params: z.strictObject({ ...countParam, ...treeParam }),
} satisfies FaultKind;
