import type { Evidence, Patience, PreparedFault } from '../../provider.ts';
import { type Look, until } from '../../wait-until.ts';
import type { Order } from './order.ts';

/** For tests alone: how much quicker than AWS the stand-in is. */
export interface Speed {
  readonly speed?: number;
}

/** How often a state is read while it is waited for: two calls, far below what AWS throttles (12 a second). */
export const LOOK_EVERY_MS = 1_000;

/**
 * A fault that happens once: ordered once, whatever becomes of the order, and then watched. It leaves nothing to undo: what was the
 * primary is a standby by then, a task that was stopped is replaced, and to fail back would be a second outage.
 */
export function faultOnce(parts: {
  /** What is said when there is no evidence, e.g. `no evidence that projects failed over`. */
  readonly notIn: string;
  readonly notOut: string;
  readonly patience: Patience;
  readonly speed: number;
  readonly order: (signal: AbortSignal) => Promise<Order>;
  /** `since` is when the look before began. */
  readonly lookIn: (order: Order, since: number, signal: AbortSignal) => Promise<Look<Evidence>>;
  readonly lookOut: (order: Order, since: number, signal: AbortSignal) => Promise<Look<Evidence>>;
}): PreparedFault {
  const everyMs = LOOK_EVERY_MS / parts.speed;
  const { evidenceMs, endMs } = parts.patience;
  let ordering: Promise<Order> | undefined;
  let order: Order | undefined;
  let inAt: number | undefined;
  return {
    undo: [],
    patience: { evidenceMs: evidenceMs / parts.speed, endMs: endMs / parts.speed },
    async act(signal) {
      signal.throwIfAborted();
      ordering ??= parts.order(signal);
      order = await ordering;
    },
    async observe(signal) {
      const evidence = await watch(parts.notIn, parts.lookIn, signal);
      inAt = evidence.at;
      return evidence;
    },
    async revert() {},
    async observeEnd(signal) {
      const evidence = await watch(parts.notOut, parts.lookOut, signal);
      // Clocks are known to some milliseconds only: nothing ends before it began.
      return { ...evidence, at: Math.max(evidence.at, inAt ?? evidence.at) };
    },
  };

  function watch(
    otherwise: string,
    look: (order: Order, since: number, signal: AbortSignal) => Promise<Look<Evidence>>,
    signal: AbortSignal,
  ): Promise<Evidence> {
    const looking = async (since: number): Promise<Look<Evidence>> => {
      if (order === undefined) return { missing: 'nothing was ordered' };
      const result = await look(order, since, signal);
      if (order.doubt === undefined) return result;
      return 'missing' in result
        ? { ...result, missing: `${result.missing}; ${order.doubt}` }
        : { seen: { ...result.seen, seen: [order.doubt, ...result.seen.seen] } };
    };
    return until(otherwise, looking, { signal, everyMs, notBefore: order?.sentAt });
  }
}
