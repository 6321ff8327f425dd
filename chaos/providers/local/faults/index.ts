import type { FaultKindName } from '../../../faults/index.ts';
import { failover } from './failover.ts';
import { freeze } from './freeze.ts';
import { kill } from './kill.ts';
import type { LocalFault } from './kind.ts';
import { latency } from './latency.ts';
import { partition } from './partition.ts';
import { stress } from './stress.ts';

/** Every kind that squall does on this machine. Anything else is refused before the start. */
export const localFaults: Readonly<Partial<Record<FaultKindName, LocalFault>>> = {
  kill,
  freeze,
  stress,
  partition,
  latency,
  failover,
};
