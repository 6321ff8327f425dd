import { z } from 'zod';
import { lasts } from './kind.ts';

export const partition = lasts({
  kind: 'partition',
  reversible: true,
  takesAway: false,
  cutsOff: true,
  summary: 'cuts a link: packets vanish (blackhole), connections are reset, or new ones are refused',
  params: z
    .strictObject({
      mode: z.enum(['blackhole', 'reset', 'refuse']).default('blackhole'),
      direction: z
        .enum(['both', 'to', 'from'])
        .default('both')
        .describe('seen from the client: to the upstream, from it, or both'),
    })
    .prefault({}),
});
