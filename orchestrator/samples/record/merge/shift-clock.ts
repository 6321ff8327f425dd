import type { Records } from '../../recording/records.ts';

/** Records with their times put on another clock. */
export interface ShiftedRecords extends Records {
  /** @param nanos what is added to each time from now on: how far the clock of the stream is behind, negative when it is ahead */
  setOffset(nanos: number): void;
}

export function shiftClock(to: Records): ShiftedRecords {
  let offsetMs = 0;
  let offsetNanos = 0;
  let ms = 0;
  let nanos = 0;

  function at(itsMs: number, itsNanos: number): void {
    ms = itsMs + offsetMs;
    nanos = itsNanos + offsetNanos;
    if (nanos < 1e6) return;
    nanos -= 1e6;
    ms += 1;
  }

  return {
    setOffset(offset) {
      offsetMs = Math.floor(offset / 1e6);
      offsetNanos = Math.round(offset - offsetMs * 1e6);
      if (offsetNanos === 1e6) {
        offsetMs += 1;
        offsetNanos = 0;
      }
    },
    columns: to.columns,
    metric: to.metric,
    tags: to.tags,
    request(tags, itsMs, itsNanos, values, failed) {
      at(itsMs, itsNanos);
      to.request(tags, ms, nanos, values, failed);
    },
    sample(metric, tags, itsMs, itsNanos, millionths) {
      at(itsMs, itsNanos);
      to.sample(metric, tags, ms, nanos, millionths);
    },
    oddSample(metric, tags, itsMs, itsNanos, value, metadata) {
      at(itsMs, itsNanos);
      to.oddSample(metric, tags, ms, nanos, value, metadata);
    },
    unreadable: to.unreadable,
  };
}
