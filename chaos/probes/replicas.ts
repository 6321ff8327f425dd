import { z } from 'zod';
import { message } from '../fields/message.ts';
import { many } from '../many.ts';
import { componentProbeKind, ofComponent } from './kind.ts';

/** Both bounds are inside. */
export function isWithinReplicas(
  { atLeast = 0, atMost = Number.POSITIVE_INFINITY }: ReplicaBounds,
  ready: number,
): boolean {
  return ready >= atLeast && ready <= atMost;
}

interface ReplicaBounds {
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
}

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
      message('a number of replicas needs a bound', 'say atLeast, atMost or both'),
    )
    .refine(
      (p) => p.atLeast === undefined || p.atMost === undefined || p.atLeast <= p.atMost,
      message('atLeast is more than atMost: nothing is both', 'swap the two'),
    )
    .describe('so many replicas of the component are ready'),
  wanted({ component, atLeast, atMost }) {
    if (atLeast === atMost) return `exactly ${many(atMost ?? 0, 'replica')} of ${component}`;
    const bounds = [atLeast && `at least ${atLeast}`, atMost !== undefined && `at most ${atMost}`];
    return `${bounds.filter(Boolean).join(' and ')} replicas of ${component}`;
  },
});
