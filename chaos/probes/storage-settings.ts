import { z } from 'zod';
import { message } from '../fields/message.ts';
import { componentProbeKind, ofComponent } from './kind.ts';

const needed = z.literal(true, message('is either needed or not asked for', 'write true, or leave it out'));

export const storageSettings = componentProbeKind('storage-settings', {
  schema: z
    .strictObject({
      ...ofComponent,
      kind: z.literal('storage-settings'),
      lifecycle: needed.optional().describe('a rule that expires or moves objects is enabled'),
      replication: needed.optional().describe('a rule that copies objects to another bucket is enabled'),
    })
    .refine(
      ({ lifecycle, replication }) => lifecycle === true || replication === true,
      message('settings of a store need at least one to look for', 'say lifecycle, replication or both'),
    )
    .describe('an object store has these settings'),
  wanted({ component, lifecycle, replication }) {
    return `${[lifecycle && 'lifecycle', replication && 'replication'].filter(Boolean).join(' and ')} of ${component}`;
  },
});
