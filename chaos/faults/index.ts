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
import { stress } from './stress.ts';
import { time } from './time.ts';

export const faultKinds = {
  kill,
  freeze,
  failover,
  partition,
  latency,
  stress,
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
