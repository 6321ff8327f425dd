import { REQUEST_METRICS, type Records } from '../recording/records.ts';

export interface RequestPacker extends Records {
  /** No more samples will come: lines that wait for the rest of their request are reported as they are. */
  end(): void;
}

/** Puts the nine lines that k6 writes for a request together, where all have the same tags and time; passes all others on. */
export function packRequests(to: Records): RequestPacker {
  const values = new Float64Array(REQUEST_METRICS.length - 2);
  /** The place of each metric among the nine, from 1; 0 for all others. */
  const places: number[] = [];
  const ids = new Array<number>(REQUEST_METRICS.length + 1);
  let waiting = 0;
  let tags = 0;
  let ms = 0;
  let nanos = 0;

  function release(): void {
    for (let place = 1; place <= waiting; place++) {
      to.sample(ids[place] as number, tags, ms, nanos, place === 1 ? ONE : (values[place - 2] as number));
    }
    waiting = 0;
  }

  return {
    columns: to.columns,
    metric(id, name) {
      const place = REQUEST_METRICS.indexOf(Buffer.from(name).toString() as never) + 1;
      places[id] = place;
      ids[place] = id;
      return to.metric(id, name);
    },
    tags(slot, text) {
      // Those that wait may be about what was in this slot.
      release();
      to.tags(slot, text);
    },
    request(...request) {
      release();
      to.request(...request);
    },
    sample(metric, itsTags, itsMs, itsNanos, millionths) {
      const place = places[metric] as number;
      const goesOn =
        waiting > 0 &&
        place === waiting + 1 &&
        itsNanos === nanos &&
        itsMs === ms &&
        itsTags === tags &&
        (place < LAST || millionths === 0 || millionths === ONE);
      if (goesOn && place === LAST) {
        waiting = 0;
        to.request(tags, ms, nanos, values, millionths === ONE);
        return;
      }
      if (goesOn) {
        values[place - 2] = millionths;
        waiting = place;
        return;
      }
      release();
      if (place === 1 && millionths === ONE) {
        waiting = 1;
        tags = itsTags;
        ms = itsMs;
        nanos = itsNanos;
      } else to.sample(metric, itsTags, itsMs, itsNanos, millionths);
    },
    oddSample(...sample) {
      release();
      to.oddSample(...sample);
    },
    unreadable(line) {
      release();
      to.unreadable(line);
    },
    end: release,
  };
}

const ONE = 1e6;
const LAST = REQUEST_METRICS.length;
