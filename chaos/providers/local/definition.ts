import type { FaultKindName } from '../../faults/index.ts';

/** Which kinds of fault the `local` provider does to which form of component. Anything else is refused before the start. */
export const localSupports = {
  process: ['kill', 'freeze', 'stress'],
  link: ['partition', 'latency'],
  postgres: ['failover'],
  redis: ['failover'],
} as const satisfies Record<string, readonly FaultKindName[]>;

export type LocalForm = keyof typeof localSupports;
