import { z } from 'zod';
import { message } from '../fields/message.ts';
import { webUrl } from '../fields/web-url.ts';
import { probeKind } from './kind.ts';
import { boundsOf, boundsText, checkReadings, ofReadings, whatText } from './readings.ts';

export const json = probeKind('json', {
  schema: z
    .strictObject({
      ...ofReadings,
      kind: z.literal('json'),
      url: webUrl('http://127.0.0.1:9050/status'),
      path: z.string().min(1).max(1_000).describe('a JSON path (RFC 9535) that matches one value'),
      equals: z.union([z.number(), z.string().max(1_000), z.boolean()]).optional(),
    })
    .superRefine(checkReadings)
    .refine(
      ({ of, equals }) => of === 'value' || equals === undefined || typeof equals === 'number',
      message('only numbers increase', 'leave `of` out'),
    )
    .describe('a value in a JSON answer of the target'),
  clock: 'injected',
  wanted: ({ of, path, ...probe }) => `${whatText(of, path)} ${boundsText(probe)}`,
  question: ({ url, path, of, for: lasts, ...probe }) => ({
    of: 'readings',
    source: { kind: 'json', url, path },
    change: of,
    bounds: boundsOf(probe),
    lastsMs: lasts ?? null,
  }),
});
