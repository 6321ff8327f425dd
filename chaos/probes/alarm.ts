import { z } from 'zod';
import { componentProbeKind, ofComponent } from './kind.ts';

export const alarm = componentProbeKind('alarm', {
  schema: z
    .strictObject({
      ...ofComponent,
      kind: z.literal('alarm'),
      state: z
        .enum(['ALARM', 'OK'])
        .default('ALARM')
        .describe('the state that it has to enter; having been in it all along does not count'),
    })
    .describe('an alarm of the cloud enters this state'),
  wanted: ({ component, state }) => `${component} enters ${state}`,
});
