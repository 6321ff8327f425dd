import { z } from 'zod';
import { componentProbeKind, ofComponent } from './kind.ts';

export const roundTrip = componentProbeKind('round-trip', {
  schema: z
    .strictObject({ ...ofComponent, kind: z.literal('round-trip') })
    .describe('a small object is stored, read again through a signed URL, and deleted'),
  wanted: ({ component }) => `a round trip through ${component}`,
});
