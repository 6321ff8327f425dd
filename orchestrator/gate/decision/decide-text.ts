import { z } from 'zod';
import { RefusalError } from '../../refusal.ts';
import { type Comparison, type Measure, measureText } from './comparison.ts';
import { decide, type Unit } from './decide.ts';

/** What `squall gate decide` prints: one comparison, and what it is of. */
export interface Decision extends Omit<Comparison, 'units' | 'needs'> {
  readonly unit: Unit;
  readonly measure: string;
  /** How many pairs (starts, runs) the answer rests on. */
  readonly pairs?: number;
  readonly starts?: number;
  readonly runs?: number;
  readonly needs: Readonly<Record<string, number>> | null;
}

/**
 * Decides from numbers in JSON:
 * `{ unit: slot|start|run, measure: p95, baseline: [[ms, …], …], candidate: [[ms, …], …], alpha, smallest: { ratio, absoluteMs } }`.
 * For `errors` the values are 0 or 1 for each request, for `throughput` they are rates.
 * @throws RefusalError that names the place of the first mistakes
 */
export function decideText(text: string, file: string): Decision {
  const { unit, measure, baseline, candidate, alpha, smallest } = parse(text, file);
  const { units, needs, ...comparison } = decide(unit, { baseline, candidate }, { measure, alpha, smallest });
  const word = unit === 'slot' ? 'pairs' : unit === 'start' ? 'starts' : 'runs';
  return {
    unit,
    measure: measureText(measure),
    ...comparison,
    [word]: units,
    needs: needs === null ? null : { [word]: needs },
  };
}

const MOST_MISTAKES = 5;

const values = z
  .array(z.number('must be a number').min(0, 'must not be negative'), 'must be a list of numbers')
  .min(1, 'has no values');
const side = z.array(values, 'must be a list of lists').min(1, 'has nothing in it');
const input = z
  .strictObject({
    unit: z.enum(['slot', 'start', 'run'], 'must be "slot", "start" or "run"'),
    measure: z
      .string('must be a text such as "p95"')
      .regex(
        /^(p\d{1,2}(\.\d{1,3})?|errors|throughput)$/,
        'must be p and a number (p95), errors, or throughput',
      )
      .transform(toMeasure)
      .refine(
        (m) => typeof m === 'string' || m.percentile >= 1,
        'a percentile is between p1 and p100: write p95, not p0.95',
      ),
    baseline: side,
    candidate: side,
    alpha: z.number('must be a number').gt(0).max(0.5, 'must be at most 0.5').default(0.01),
    smallest: z
      .strictObject({
        ratio: z.number('must be a number').min(0, 'must not be negative').default(0.05),
        absoluteMs: z.number('must be a number').min(0, 'must not be negative').default(0),
      })
      .prefault({}),
  })
  .superRefine(({ unit, measure, baseline, candidate }, context) => {
    if (unit === 'slot' && baseline.length !== candidate.length)
      context.addIssue({
        code: 'custom',
        path: ['candidate'],
        message: `has ${candidate.length} slots for ${baseline.length} of the baseline: slots come in pairs`,
      });
    if (measure !== 'errors') return;
    for (const [name, lists] of Object.entries({ baseline, candidate }))
      for (const [i, list] of lists.entries()) {
        const j = list.findIndex((value) => value !== 0 && value !== 1);
        if (j !== -1)
          context.addIssue({ code: 'custom', path: [name, i, j], message: 'must be 0 or 1 (1: it failed)' });
      }
  });

function parse(text: string, file: string): z.output<typeof input> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new RefusalError(`${file}: this is not JSON: ${(error as Error).message}`);
  }
  const { success, data: parsed, error } = input.safeParse(data);
  if (success) return parsed;
  const shown = error.issues.slice(0, MOST_MISTAKES).map(({ path, message }) => {
    const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
    return `${place === '' ? 'the document' : place.replace(/^\./, '')}: ${message}`;
  });
  const more = error.issues.length - shown.length;
  throw new RefusalError(`${file}: ${[...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('; ')}`);
}

function toMeasure(text: string): Measure {
  return text === 'errors' || text === 'throughput' ? text : { percentile: Number(text.slice(1)) };
}
