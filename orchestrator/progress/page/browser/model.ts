import type { TimelineData, TimelineGroup } from '../../../report/html/timeline-data.ts';
import type { LiveMessage, LivePoint, LogLine } from '../message.ts';

/** What the page has been told so far. */
export interface Model {
  readonly points: Map<number, LivePoint>;
  readonly log: LogLine[];
}

/** As many lines as the server keeps. */
const MAX_LINES = 500;

export function newModel(): Model {
  return { points: new Map(), log: [] };
}

/** Takes in a message. @returns the lines of the log that are new */
export function take({ points, log }: Model, message: LiveMessage): readonly LogLine[] {
  if (message.full) points.clear();
  for (const point of message.points) points.set(point[0], point);
  const newest = log.at(-1)?.number ?? 0;
  const fresh = message.log.filter((line) => line.number > newest);
  log.push(...fresh);
  log.splice(0, Math.max(0, log.length - MAX_LINES));
  return fresh;
}

/** For the charts of the report. The planned length is shown from the beginning: what lies ahead is part of the picture. */
export function timelineOf({ points }: Model, { head }: LiveMessage): TimelineData {
  const { timeline, zeroMs, durationMs, now, end } = head;
  const { first, step, lanes, marks, limits, unable } = timeline;
  const zero = zeroMs ?? (first === null ? now : first * 1000);
  const ordered = [...points.values()].sort((one, other) => one[0] - other[0]);
  const begin = first === null ? 0 : first - zero / 1000;
  const times = ordered.map(([index]) => begin + (index + 0.5) * step);
  const ends = lanes.flatMap((lane) => lane.bars.map((bar) => bar.to));
  const planned = end === null && durationMs !== null ? durationMs / 1000 : 0;
  const column = <T extends number | null>(pick: (point: LivePoint) => T): T[] => ordered.map(pick);
  const all: TimelineGroup = {
    name: 'All requests',
    requests: column((point) => point[1]),
    failed: column((point) => point[2]),
    dropped: column((point) => point[3]),
    p50: column((point) => point[4]),
    p95: column((point) => point[5]),
    p99: column((point) => point[6]),
    bad: column(([, requests, failed, dropped]) =>
      requests + dropped === 0 ? null : Math.min(100, ((failed + dropped) / (requests + dropped)) * 100),
    ),
    limits,
  };
  return {
    zeroMs: zero,
    from: Math.min(0, begin),
    to: Math.max(10, planned, (times.at(-1) ?? 0) + step / 2, ...ends),
    step,
    times,
    groups: [all],
    lanes,
    marks,
    unable,
  };
}
