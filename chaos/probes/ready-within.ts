import { z } from 'zod';
import { componentProbeKind, ofComponent } from './kind.ts';

export const readyWithin = componentProbeKind('ready-within', {
  schema: z
    .strictObject({ ...ofComponent, kind: z.literal('ready-within') })
    .describe('as many replicas are ready as the component wants'),
  wanted: ({ component }) => `${component} as many as wanted`,
});
