import { z } from 'zod';
import { durationMs, fraction } from '../fields/units.ts';
import { lasts } from './kind.ts';
import { countParam } from './targets.ts';

/** Linux error numbers that file operations return. */
export const errorNumbers = { EPERM: 1, EIO: 5, EACCES: 13, ENOSPC: 28, EROFS: 30 } as const;

export const io = lasts({
  kind: 'io',
  reversible: true,
  takesAway: false,
  summary: 'makes file operations on a volume slow, or lets them fail',
  params: z
    .strictObject({
      ...countParam,
      volume: z.string().startsWith('/').describe('where the volume is mounted'),
      delay: durationMs.optional(),
      error: z.enum(Object.keys(errorNumbers) as [keyof typeof errorNumbers]).optional(),
      path: z
        .string()
        .startsWith('/')
        .optional()
        .describe('files below the volume, with * and **; left out: all'),
      methods: z
        .array(z.enum(['read', 'write', 'open', 'flush', 'fsync', 'mkdir', 'unlink', 'rename', 'create']))
        .min(1)
        .optional()
        .describe('left out: all'),
      share: fraction
        .refine((share) => share > 0 && share <= 1, 'between 0% (exclusive) and 100%')
        .default(1)
        .describe('of the operations'),
    })
    .refine((p) => (p.delay === undefined) !== (p.error === undefined), 'say either delay or error'),
});
