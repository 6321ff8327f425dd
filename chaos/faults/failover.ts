import { z } from 'zod';
import { happensOnce } from './kind.ts';

export const failover = happensOnce({
  kind: 'failover',
  reversible: false,
  takesAway: true,
  summary: 'takes the primary of a data store away, so that a standby must take over',
  params: z
    .strictObject({
      mode: z
        .enum(['kill', 'demote'])
        .default('kill')
        .describe('kill: the primary dies; demote: an orderly switch'),
    })
    .prefault({}),
});
