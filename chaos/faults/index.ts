import { z } from 'zod';
import { bandwidth } from './bandwidth.ts';
import { containerKill } from './container-kill.ts';
import { dns } from './dns.ts';
import { failover } from './failover.ts';
import { freeze } from './freeze.ts';
import { http } from './http.ts';
import { io } from './io.ts';
import { kill } from './kill.ts';
import { latency } from './latency.ts';
import { loss } from './loss.ts';
import { partition } from './partition.ts';
import { rollout } from './rollout.ts';
import { stop } from './stop.ts';
import { stress } from './stress.ts';
import { time } from './time.ts';

export const faultKinds = {
  kill,
  freeze,
  failover,
  partition,
  latency,
  stress,
  stop,
  'container-kill': containerKill,
  loss,
  bandwidth,
  io,
  dns,
  http,
  time,
  rollout,
} as const;
export type FaultKindName = keyof typeof faultKinds;

const { kill: first, ...others } = faultKinds;
/** A fault as a drill has it. */
export const drillFault = z.discriminatedUnion('kind', [
  first.schema,
  ...Object.values(others).map(({ schema }) => schema),
]);
export type DrillFault = z.output<typeof drillFault>;
/** A fault of one kind. */
export type FaultOf<Kind extends FaultKindName> = Extract<DrillFault, { kind: Kind }>;
