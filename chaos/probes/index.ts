import { z } from 'zod';
import { alert } from './alert.ts';
import { http } from './http.ts';
import { readyWithin } from './ready-within.ts';
import { replicas } from './replicas.ts';
import { rollout } from './rollout.ts';

export const probeKinds = { alert, http, replicas, rollout, 'ready-within': readyWithin } as const;

const { alert: first, ...others } = probeKinds;
/** A probe as a drill has it. */
export const drillProbe = z.discriminatedUnion('kind', [
  first.schema,
  ...Object.values(others).map(({ schema }) => schema),
]);
export type DrillProbe = z.output<typeof drillProbe>;
/** Probes that a provider answers. */
export type ComponentProbe = Extract<DrillProbe, { component: string }>;
