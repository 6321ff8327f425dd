import { z } from 'zod';
import { alarm } from './alarm.ts';
import { alert } from './alert.ts';
import { cost } from './cost.ts';
import { http } from './http.ts';
import { level } from './level.ts';
import { readyWithin } from './ready-within.ts';
import { replicas } from './replicas.ts';
import { rollout } from './rollout.ts';
import { roundTrip } from './round-trip.ts';
import { storageSettings } from './storage-settings.ts';

export const probeKinds = {
  alert,
  http,
  replicas,
  rollout,
  'ready-within': readyWithin,
  alarm,
  level,
  'round-trip': roundTrip,
  'storage-settings': storageSettings,
  cost,
} as const;

const { alert: first, ...others } = probeKinds;
/** A probe as a drill has it. */
export const drillProbe = z.discriminatedUnion('kind', [
  first.schema,
  ...Object.values(others).map(({ schema }) => schema),
]);
export type DrillProbe = z.output<typeof drillProbe>;
/** Probes that a provider answers. */
export type ComponentProbe = Extract<DrillProbe, { component: string }>;
