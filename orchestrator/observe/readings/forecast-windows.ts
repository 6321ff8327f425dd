/** What was read of a window at one moment, in epoch ms. */
export interface WindowReading {
  readonly at: number;
  /** What it will have come to at its end. */
  readonly forecast: number;
  /** What it has come to. Falls when a new window begins. */
  readonly actual: number;
}

/** A window that was seen from its beginning to its end. */
export interface SeenWindow {
  /** As it was in its middle. */
  readonly forecast: number;
  /** As it was at its end. */
  readonly actual: number;
  /** How far apart the two are, as a share of the larger one. */
  readonly off: number;
}

/** Cuts readings into windows. Pure. */
export function createWindows(): {
  /** The window that this reading shows to be over; null: none is, or it proves nothing. */
  read(reading: WindowReading): SeenWindow | null;
} {
  let last: WindowReading | null = null;
  /** Of the window that is open; null: its beginning was not seen. */
  let open: WindowReading[] | null = null;
  return {
    read(reading) {
      const begins = last !== null && reading.actual < last.actual;
      const seen = begins && open !== null ? whole(open) : null;
      if (begins) open = [reading];
      else open?.push(reading);
      last = reading;
      return seen;
    },
  };
}

/** Readings further from the middle than this share of the window are no forecast from there. */
const MIDDLE = 1 / 6;

function whole(readings: readonly WindowReading[]): SeenWindow | null {
  const [first, end] = [readings[0], readings.at(-1)];
  if (first === undefined || end === undefined) return null;
  const middle = (first.at + end.at) / 2;
  const away = ({ at }: WindowReading) => Math.abs(at - middle);
  const nearest = readings.reduce((best, one) => (away(one) < away(best) ? one : best), first);
  const { forecast } = nearest;
  const { actual } = end;
  const larger = Math.max(Math.abs(forecast), Math.abs(actual));
  // Of a window in which nothing happened any forecast would be right.
  if (actual === 0 || away(nearest) > MIDDLE * (end.at - first.at)) return null;
  return { forecast, actual, off: Math.abs(forecast - actual) / larger };
}
