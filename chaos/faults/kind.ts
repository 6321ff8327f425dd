import { z } from 'zod';
import { componentName, name } from '../fields/names.ts';
import { durationMs, positiveDurationMs } from '../fields/units.ts';

/** What is true of a kind of fault, whatever the provider: one file per kind in this folder, all of them listed in index.ts. */
interface Facts<Kind extends string, Params extends z.ZodType> {
  readonly kind: Kind;
  /** Can squall take it back? A failover cannot be undone: outside `local` it must be approved by name. */
  readonly reversible: boolean;
  /** Whether a replica that is hit stops serving. Then the last healthy one is protected, even against several faults together. */
  readonly takesAway: boolean;
  /** Whether clients lose what they are connected to, as they do to what is taken away: they then connect again, whoever they are. */
  readonly cutsOff?: true;
  readonly summary: string;
  /** With `.prefault({})` where a drill may leave them out. */
  readonly params: Params;
}

/** A kind that happens once: `for` is refused. */
export function happensOnce<Kind extends string, Params extends z.ZodType>(kind: Facts<Kind, Params>) {
  const schema = z.strictObject({ ...common, kind: z.literal(kind.kind), params: kind.params });
  return { ...kind, lasting: false, schema } as const;
}

/** A kind that lasts for a stated time: `for` is required. */
export function lasts<Kind extends string, Params extends z.ZodType>(kind: Facts<Kind, Params>) {
  const schema = z.strictObject({
    ...common,
    for: positiveDurationMs.describe('how long it stays'),
    kind: z.literal(kind.kind),
    params: kind.params,
  });
  return { ...kind, lasting: true, schema } as const;
}

const expectations = z.strictObject({
  detectWithin: positiveDurationMs.optional().describe('an alert about the component arrives in this time'),
  recoverWithin: positiveDurationMs.optional().describe('good requests again, for good, in this time'),
  downtimeBelow: positiveDurationMs
    .optional()
    .describe('from the last good request before to the first good one after'),
  failedRequestsBelow: z.int().min(1).optional(),
  unnoticed: z
    .boolean()
    .optional()
    .describe('no request has to notice it, also where the use of the component cannot be measured'),
});

const common = {
  name,
  component: componentName.describe('what it hits, by its name in the environment'),
  at: durationMs.describe('after the first sample of the load'),
  expect: expectations.default({}),
};
