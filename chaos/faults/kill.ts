import { z } from 'zod';
import type { FaultKind } from './kind.ts';
import { countParam, treeParam } from './targets.ts';

export const kill = {
  kind: 'kill',
  lasting: false,
  reversible: true,
  summary: 'ends processes or pods at once, without a chance to say goodbye (SIGKILL)',
  params: z.strictObject({ ...countParam, ...treeParam }),
} satisfies FaultKind;
