import { z } from 'zod';
import { fraction } from '../fields/units.ts';
import { lasts } from './kind.ts';

export const loss = lasts({
  kind: 'loss',
  reversible: true,
  takesAway: false,
  summary: 'drops a share of the packets that pass a link',
  params: z.strictObject({
    share: fraction
      .refine((share) => share > 0 && share <= 1, 'between 0% (exclusive) and 100%')
      .describe('of the packets, e.g. 20%'),
    correlation: fraction
      .refine((share) => share <= 1, 'at most 100%')
      .optional()
      .describe('how much a loss depends on the one before; bursts instead of single packets'),
    count: z.int().min(1).default(1).describe('how many replicas of a component; a link is hit as a whole'),
    direction: z
      .enum(['both', 'to', 'from'])
      .default('both')
      .describe('seen from the client: to the upstream, from it, or both'),
  }),
});
