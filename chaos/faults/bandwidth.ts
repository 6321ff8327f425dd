import { z } from 'zod';
import { lasts } from './kind.ts';

/** Bytes per second from `500kB/s`, `1MB/s` or `8Mbit/s` (decimal multiples). */
const bytesPerSecond = z.string().transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)(k|M|G)?(B|bit)\/s$/.exec(text);
  const factor = { k: 1e3, M: 1e6, G: 1e9 }[match?.[2] ?? ''] ?? 1;
  const rate = (Number(match?.[1]) * factor) / (match?.[3] === 'bit' ? 8 : 1);
  if (match === null || rate < 1) {
    context.addIssue({ code: 'custom', message: 'expected a data rate such as 500kB/s, 1MB/s or 8Mbit/s' });
    return z.NEVER;
  }
  return Math.round(rate);
});

export const bandwidth = lasts({
  kind: 'bandwidth',
  reversible: true,
  takesAway: false,
  summary: 'limits how many bytes a second a link carries',
  params: z.strictObject({
    rate: bytesPerSecond,
    queueBytes: z
      .int()
      .min(1)
      .max(2 ** 31 - 1)
      .default(20_971_520)
      .describe('bytes that may wait; more are dropped'),
    burstBytes: z
      .int()
      .min(1)
      .max(2 ** 31 - 1)
      .default(10_000)
      .describe('bytes that may pass at once'),
    count: z.int().min(1).default(1).describe('how many replicas of a component; a link is hit as a whole'),
    direction: z
      .enum(['both', 'to', 'from'])
      .optional()
      .describe(
        'seen from the client: to the upstream, from it, or both; left out: both between pods, elsewhere to',
      ),
  }),
});
