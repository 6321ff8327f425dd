import type { FaultKindName } from '../../../faults/index.ts';
import { bandwidth } from './bandwidth.ts';
import { containerKill } from './container-kill.ts';
import { dns } from './dns.ts';
import { freeze } from './freeze.ts';
import { http } from './http.ts';
import { io } from './io.ts';
import { kill } from './kill.ts';
import type { ObjectKind } from './kind.ts';
import { latency } from './latency.ts';
import { loss } from './loss.ts';
import { partition } from './partition.ts';
import { stress } from './stress.ts';
import { time } from './time.ts';

/** Every kind that Chaos Mesh does with an object of its own; a rollout is done by Kubernetes itself. */
export const objectKinds: Readonly<Partial<Record<FaultKindName, ObjectKind>>> = {
  kill,
  freeze,
  'container-kill': containerKill,
  partition,
  latency,
  loss,
  bandwidth,
  stress,
  io,
  dns,
  http,
  time,
};
