import { z } from 'zod';
import { message } from '../fields/message.ts';
import { lasts } from './kind.ts';

export const stress = lasts({
  kind: 'stress',
  reversible: true,
  takesAway: false,
  summary: 'takes CPU and memory away from a component, within stated bounds',
  params: z
    .strictObject({
      cpu: z
        .strictObject({ workers: z.int().min(1).max(64), load: z.int().min(1).max(100).default(100) })
        .optional(),
      memory: z.strictObject({ megabytes: z.int().min(1).max(65_536) }).optional(),
    })
    .refine(
      (params) => params.cpu !== undefined || params.memory !== undefined,
      message('stress needs something to take', 'say cpu, memory or both'),
    ),
});
