import { z } from 'zod';
import { componentProbeKind, ofComponent } from './kind.ts';

export const rollout = componentProbeKind('rollout', {
  schema: z
    .strictObject({ ...ofComponent, kind: z.literal('rollout') })
    .describe('a rollout of the component is complete: every replica is of the newest revision and ready'),
  wanted: ({ component }) => `${component} rolled out`,
});
