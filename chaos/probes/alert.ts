import { z } from 'zod';
import { alertMatch } from '../fields/names.ts';
import { afterFault, probeKind } from './kind.ts';

export const alert = probeKind('alert', {
  schema: z.strictObject({ ...afterFault, kind: z.literal('alert'), match: alertMatch }),
  // An alert may be faster than the proof of the fault.
  clock: 'injecting',
  question: ({ match }) => ({ of: 'alerts', match }),
  wanted: () => 'an alert',
});
