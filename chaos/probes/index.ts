import { z } from 'zod';
import { alarm } from './alarm.ts';
import { alert } from './alert.ts';
import { cost } from './cost.ts';
import { forecast } from './forecast.ts';
import { http } from './http.ts';
import { json } from './json.ts';
import { level } from './level.ts';
import { metric } from './metric.ts';
import { readyWithin } from './ready-within.ts';
import { replicas } from './replicas.ts';
import { rollout } from './rollout.ts';
import { roundTrip } from './round-trip.ts';
import { storageSettings } from './storage-settings.ts';
import { traffic } from './traffic.ts';

export const probeKinds = {
  alert,
  http,
  metric,
  json,
  forecast,
  replicas,
  rollout,
  'ready-within': readyWithin,
  alarm,
  level,
  traffic,
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

/** How long a probe may take, or has to hold. */
export function probeTimeMs(probe: DrillProbe): number {
  return probe.within ?? ('for' in probe ? probe.for : undefined) ?? 0;
}
