/** What can be done to a TCP link, and what the link itself saw of it. */

export type Direction = 'to' | 'from';
export const bothDirections: readonly Direction[] = ['to', 'from'];

export type LinkEffect =
  /** Bytes are accepted and withheld, and once the buffers are full no longer read. After healing they flow on: TCP lost nothing. */
  | { readonly kind: 'blackhole'; readonly directions: readonly Direction[] }
  /** RST to both ends of every connection; new ones are reset as soon as they are accepted. */
  | { readonly kind: 'reset' }
  /** Nobody listens: ECONNREFUSED for new connections; those that exist are closed. */
  | { readonly kind: 'refuse' }
  | {
      readonly kind: 'latency';
      readonly directions: readonly Direction[];
      readonly delayMs: number;
      readonly jitterMs: number;
    };

/** Bytes per direction, and attempts to connect to the upstream, since the link was opened. */
export type Passed = Record<Direction | 'connects', number>;

/** One effect in force with the link's own record of what it did. Only the link writes to it. */
export interface ActiveEffect {
  readonly effect: LinkEffect;
  /** What had passed the link when the effect came in: in a cut direction nothing may be added to it. */
  readonly passedBefore: Passed;
  readonly withheld: { pieces: number; bytes: number; firstAt: number | undefined };
  readonly delayed: {
    pieces: number;
    minMs: number;
    maxMs: number;
    sumMs: number;
    firstAt: number | undefined;
  };
  /** Connections that were reset, closed or (new ones) kept waiting by this effect. */
  readonly hit: { connections: number; firstAt: number | undefined };
}

export function activate(effect: LinkEffect, passed: Passed): ActiveEffect {
  return {
    effect,
    passedBefore: { ...passed },
    withheld: { pieces: 0, bytes: 0, firstAt: undefined },
    delayed: { pieces: 0, minMs: Number.POSITIVE_INFINITY, maxMs: 0, sumMs: 0, firstAt: undefined },
    hit: { connections: 0, firstAt: undefined },
  };
}

export function noteHit(active: ActiveEffect): void {
  active.hit.connections += 1;
  active.hit.firstAt ??= Date.now();
}

export function cuts({ effect }: ActiveEffect, direction: Direction): boolean {
  return effect.kind === 'blackhole' && effect.directions.includes(direction);
}

/** One draw of the delay of these latencies together; jitter is uniform within ± jitterMs. */
export function drawDelayMs(delaying: Iterable<ActiveEffect>): number {
  let sumMs = 0;
  for (const { effect } of delaying) {
    if (effect.kind === 'latency') {
      sumMs += Math.max(0, effect.delayMs + (Math.random() * 2 - 1) * effect.jitterMs);
    }
  }
  return sumMs;
}
