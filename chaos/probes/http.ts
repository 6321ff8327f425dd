import { z } from 'zod';
import { webUrl } from '../fields/web-url.ts';
import { afterFault, probeKind } from './kind.ts';

export const http = probeKind('http', {
  schema: z
    .strictObject({
      ...afterFault,
      kind: z.literal('http'),
      url: webUrl('http://127.0.0.1:9000/health'),
      status: z.int().min(100).max(599).default(200),
    })
    .describe('the URL answers with this status; asked again and again, 2 s for each attempt'),
  clock: 'injected',
  question: ({ url, status }) => ({ of: 'url', url, status }),
  wanted: ({ status }) => `HTTP ${status}`,
});
