import { z } from 'zod';
import { alertMatch } from '../fields/names.ts';
import { afterFault, probeKind } from './kind.ts';

export const alert = probeKind('alert', {
  schema: z.strictObject({
    ...afterFault,
    kind: z.literal('alert'),
    match: alertMatch,
    has: z
      .array(z.string().min(1).max(200))
      .max(20)
      .optional()
      .describe('labels that the alert must have, whatever their values: correlation_id'),
  }),
  // An alert may be faster than the proof of the fault.
  clock: 'injecting',
  question: ({ match, has = [] }) => ({ of: 'alerts', match, has }),
  wanted: ({ has = [] }) => (has.length === 0 ? 'an alert' : `an alert with ${has.join(', ')}`),
});
