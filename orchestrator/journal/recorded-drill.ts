import { z } from 'zod';
import { type FaultKindName, faultKinds } from '../../chaos/faults/index.ts';
import { probeKinds } from '../../chaos/probes/index.ts';
import type { Drill } from '../../chaos/schema/drill.ts';
import { measures } from '../../chaos/schema/objective.ts';
import type { Objective } from '../../thresholds/objective.ts';

/**
 * A drill as it was run. The YAML schema does not fit it: units have become numbers, and names may be redacted. Everything that the judge
 * reads is checked; what only the provider reads (`params`, labels) may differ in older journals.
 */
const names = Object.keys(faultKinds) as [FaultKindName, ...FaultKindName[]];
const text = z.string();
const number = z.number();
const optionalNumber = number.exactOptional();

const fault = z.looseObject({
  name: text,
  kind: z.enum(names),
  component: text,
  at: number,
  for: optionalNumber,
  params: z.looseObject({}).exactOptional(),
  expect: z.looseObject({
    detectWithin: optionalNumber,
    recoverWithin: optionalNumber,
    downtimeBelow: optionalNumber,
    failedRequestsBelow: optionalNumber,
    unnoticed: z.boolean().exactOptional(),
  }),
});

const probe = z.looseObject({
  name: text,
  kind: z.enum(Object.keys(probeKinds)),
  // One of the two.
  within: optionalNumber,
  for: optionalNumber,
  after: text.exactOptional(),
});

const events = z.looseObject({
  name: text.exactOptional(),
  where: z.record(text, text).exactOptional(),
  good: z.record(text, text).exactOptional(),
  duration: text.exactOptional(),
  rate: text.exactOptional(),
  counter: text.exactOptional(),
});

const drillShape = z.looseObject({
  name: text,
  load: z.array(z.looseObject({})),
  steady: z.looseObject({ for: number, after: number.exactOptional() }),
  faults: z.array(fault),
  objectives: z.array(z.looseObject({})),
  events: z.array(events).exactOptional(),
  probes: z.array(probe),
  writes: z.looseObject({ lost: number, duplicated: optionalNumber }).exactOptional(),
  stop: z.array(z.looseObject({})),
});

const objectiveShape = z
  .looseObject({
    name: text,
    where: z.record(text, text).exactOptional(),
    phase: text.exactOptional(),
    for: text.exactOptional(),
    minSamples: optionalNumber,
  })
  .and(z.union(measures.map((measure) => z.looseObject(measure))));

export const recordedDrill = keptAs<Drill>(drillShape);
export const recordedObjective = keptAs<Objective>(objectiveShape);

/** Checks the shape and returns the value unchanged. */
function keptAs<T>(shape: z.ZodType): z.ZodType<T> {
  return z.custom<T>().superRefine((value, context) => {
    for (const { message, path } of shape.safeParse(value).error?.issues ?? [])
      context.addIssue({ code: 'custom', message, path });
  });
}
