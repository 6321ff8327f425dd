import { z } from 'zod';
import type { FaultKind } from './kind.ts';

export const failover = {
  kind: 'failover',
  lasting: false,
  reversible: false,
  summary: 'takes the primary of a data store away, so that a standby must take over',
  params: z.strictObject({
    mode: z
      .enum(['kill', 'demote'])
      .default('kill')
      .describe('kill: the primary dies; demote: an orderly switch'),
  }),
} satisfies FaultKind;
