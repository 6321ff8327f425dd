import { z } from 'zod';
import { message } from '../fields/message.ts';
import { durationMs, positiveDurationMs } from '../fields/units.ts';
import { lasts } from './kind.ts';

export const latency = lasts({
  kind: 'latency',
  reversible: true,
  takesAway: false,
  summary: 'delays what passes a link, with jitter',
  params: z
    .strictObject({
      delay: positiveDurationMs.refine(
        (ms) => ms <= 60_000,
        message('must be at most 60s', 'for more than that use a partition'),
      ),
      jitter: durationMs.optional().describe('each piece is delayed by delay ± jitter, in order'),
      direction: z
        .enum(['both', 'to', 'from'])
        .default('both')
        .describe('seen from the client: to the upstream, from it, or both'),
    })
    .refine((params) => (params.jitter ?? 0) <= params.delay, {
      error: message(
        'jitter must not be more than delay',
        'nothing can arrive before it was sent: lower jitter',
      ),
      path: ['jitter'],
    }),
});
