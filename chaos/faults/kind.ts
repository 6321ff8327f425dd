import type { z } from 'zod';

/** What a fault is, whatever the provider: one file per kind in this folder, all of them listed in index.ts. */
export interface FaultKind<Params extends z.ZodType = z.ZodType> {
  readonly kind: string;
  /** Does it last for a stated time (`for:` required), or does it happen once (`for:` refused)? */
  readonly lasting: boolean;
  /** Can squall take it back? A failover cannot be undone: outside `local` it must be approved by name. */
  readonly reversible: boolean;
  readonly summary: string;
  readonly params: Params;
}
