import { z } from 'zod';
import type { FaultKind } from './kind.ts';

export const rollout = {
  kind: 'rollout',
  lasting: false,
  reversible: true,
  summary: 'replaces every pod of a component in the way its deployment is configured (a rolling restart)',
  params: z.strictObject({}),
} satisfies FaultKind;
