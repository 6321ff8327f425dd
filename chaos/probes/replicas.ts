import { z } from 'zod';
import { said } from '../fields/said.ts';
import { componentProbeKind, ofComponent } from './kind.ts';

export const replicas = componentProbeKind('replicas', {
  schema: z
    .strictObject({
      ...ofComponent,
      kind: z.literal('replicas'),
      atLeast: z.int().min(1).optional(),
      atMost: z.int().min(0).optional(),
    })
    .refine(
      (p) => p.atLeast !== undefined || p.atMost !== undefined,
      said('a number of replicas needs a bound', 'say atLeast, atMost or both'),
    )
    .refine(
      (p) => p.atLeast === undefined || p.atMost === undefined || p.atLeast <= p.atMost,
      said('atLeast is more than atMost: nothing is both', 'swap the two'),
    )
    .describe('so many replicas of the component are ready'),
  wanted({ component, atLeast, atMost }) {
    if (atLeast === atMost) return `exactly ${atMost} replicas of ${component}`;
    const bounds = [atLeast && `at least ${atLeast}`, atMost !== undefined && `at most ${atMost}`];
    return `${bounds.filter(Boolean).join(' and ')} replicas of ${component}`;
  },
});
