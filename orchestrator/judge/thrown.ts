import type { LoadEnded } from '../journal/events.ts';
import type { Window } from './outages/troubles.ts';

export interface ThrownInput {
  /** Of all loads. */
  readonly thrown: NonNullable<LoadEnded['thrown']>;
  /** From the injection of a fault until a little after its end. Epoch ms. */
  readonly inFault: Window;
  readonly steady: Window | null;
  /** Requests and events that failed from the injection on. */
  readonly failed: number;
}

/**
 * How many iterations threw while a fault was in, more than in the steady phase, without a request or an event that failed: a client that
 * cannot connect (gRPC, a browser) throws before there is anything to count. Each that failed may have made one iteration throw.
 */
export function threwUnseen({ thrown, inFault, steady, failed }: ThrownInput): number {
  const threw = countIn(thrown, inFault);
  const usual =
    steady === null || lengthOf(steady) === 0
      ? 0
      : (countIn(thrown, steady) * lengthOf(inFault)) / lengthOf(steady);
  const unseen = threw - failed - usual;
  return unseen >= 1 && unseen > BY_CHANCE * Math.sqrt(usual) ? Math.round(unseen) : 0;
}

/** Standard deviations of a count that is due to chance. */
const BY_CHANCE = 3;

/** k6's log knows whole seconds: that in which a fault went in is its own. */
function countIn(thrown: ThrownInput['thrown'], { from, to }: Window): number {
  return thrown.reduce(
    (sum, { second, count }) =>
      sum + (second * 1000 >= Math.floor(from / 1000) * 1000 && second * 1000 < to ? count : 0),
    0,
  );
}

function lengthOf({ from, to }: Window): number {
  return Math.max(0, to - from);
}
