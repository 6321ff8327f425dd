import { z } from 'zod';
import { lasts } from './kind.ts';
import { countParam } from './targets.ts';

export const dns = lasts({
  kind: 'dns',
  reversible: true,
  takesAway: false,
  summary: 'lets name look-ups fail or return random addresses',
  params: z.strictObject({
    ...countParam,
    answer: z.enum(['error', 'random']).default('error'),
    names: z
      .array(
        z
          .string()
          .regex(
            /^[A-Za-z0-9_?-]+(\.[A-Za-z0-9_?-]+)*(\.?\*)?$|^\*$/,
            'a host name; ? stands for one character, * only at its end',
          ),
      )
      .min(1, 'name at least one host: without any, every look-up would be hit'),
  }),
});
