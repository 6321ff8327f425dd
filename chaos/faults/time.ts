import { z } from 'zod';
import { parseDurationMs } from '../../thresholds/units.ts';
import { lasts } from './kind.ts';
import { countParam } from './targets.ts';

/** Milliseconds from `-1h` or `90s`. */
const signedMs = z.string().transform((text, context) => {
  try {
    const ms = text.startsWith('-') ? -parseDurationMs(text.slice(1)) : parseDurationMs(text);
    if (ms !== 0) return ms;
    context.addIssue({ code: 'custom', message: 'an offset of zero changes nothing' });
  } catch (cause) {
    context.addIssue({ code: 'custom', message: (cause as Error).message });
  }
  return z.NEVER;
});

export const time = lasts({
  kind: 'time',
  reversible: true,
  takesAway: false,
  summary: 'shifts the clock that the processes of a component see',
  params: z.strictObject({
    ...countParam,
    offset: signedMs.describe('e.g. 1h, or -10min for the past'),
    clocks: z
      .array(z.enum(['CLOCK_REALTIME', 'CLOCK_MONOTONIC', 'CLOCK_BOOTTIME']))
      .min(1)
      .default(['CLOCK_REALTIME']),
  }),
});
