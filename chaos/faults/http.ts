import { z } from 'zod';
import { durationMs } from '../fields/units.ts';
import { lasts } from './kind.ts';
import { countParam } from './targets.ts';

export const http = lasts({
  kind: 'http',
  reversible: true,
  takesAway: false,
  summary: 'aborts or delays HTTP requests on a port, or answers them with another status',
  params: z
    .strictObject({
      ...countParam,
      port: z.int().min(1).max(65_535),
      on: z.enum(['request', 'response']).default('request'),
      abort: z.literal(true).optional(),
      delay: durationMs.optional(),
      status: z.int().min(100).max(599).optional(),
      path: z.string().startsWith('/').optional().describe('with * as a wildcard; left out: all'),
      method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).optional(),
    })
    .refine(
      (p) => [p.abort, p.delay, p.status].filter((x) => x !== undefined).length === 1,
      'say exactly one of abort, delay, status',
    )
    .refine((p) => p.status === undefined || p.on === 'response', 'a status is replaced `on: response`'),
});
