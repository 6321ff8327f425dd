import { z } from 'zod';
import { message } from '../fields/message.ts';
import { componentProbeKind, ofComponent } from './kind.ts';

/** Both bounds are outside. */
export function isWithinLevel(
  { above = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY }: LevelBounds,
  value: number,
): boolean {
  return value > above && value < below;
}

interface LevelBounds {
  readonly above?: number | undefined;
  readonly below?: number | undefined;
}

export const level = componentProbeKind('level', {
  schema: z
    .strictObject({
      ...ofComponent,
      kind: z.literal('level'),
      above: z.number().optional(),
      below: z.number().optional(),
    })
    .refine(
      ({ above, below }) => above !== undefined || below !== undefined,
      message('a level needs a bound', 'say above, below or both'),
    )
    .refine(
      ({ above, below }) => above === undefined || below === undefined || above < below,
      message('nothing is above the one and below the other', 'swap the two'),
    )
    .describe("a metric of the cloud has a value within these bounds, of a period after the probe's start"),
  wanted({ component, above, below }) {
    const bounds = [above !== undefined && `above ${above}`, below !== undefined && `below ${below}`];
    return `${component} ${bounds.filter(Boolean).join(' and ')}`;
  },
});
