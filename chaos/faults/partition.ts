import { z } from 'zod';
import type { FaultKind } from './kind.ts';

export const partition = {
  kind: 'partition',
  lasting: true,
  reversible: true,
  summary: 'cuts a link: packets vanish (blackhole), connections are reset, or new ones are refused',
  params: z.strictObject({
    mode: z.enum(['blackhole', 'reset', 'refuse']).default('blackhole'),
    direction: z
      .enum(['both', 'to', 'from'])
      .default('both')
      .describe('seen from the client: to the upstream, from it, or both'),
  }),
} satisfies FaultKind;
