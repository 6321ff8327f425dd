import { gapsOf } from './gaps.ts';
import { type RawRequest, rawRequests } from './raw-requests.ts';
import type { TargetRecord } from './reference-target.ts';

type Window = TargetRecord['windows'][number];

/**
 * What went wrong outside the script: failures, pauses of the load or of the target, and requests that were under way for long just
 * when the target changed its behaviour. There the target cannot serve as ground truth. All of this comes from what k6 and the target
 * recorded about themselves; nothing that squall measured is used.
 */
export function noiseOf(
  directory: string,
  record: Pick<TargetRecord, 'windows' | 'pauses'>,
  pauseMs: number,
): Noise {
  const requests = rawRequests(directory);
  const down = record.windows.filter((w) => w.mode !== 'delay');
  const windows = down.flatMap((w) =>
    atEdges(requests, record, w, pauseMs).map((what) => ({ name: w.name, what })),
  );
  return {
    outside: outside(requests, down, pauseMs),
    faults: new Set(windows.map(({ name }) => name)),
    text: [...outside(requests, down, pauseMs), ...windows.map(({ name, what }) => `${name}: ${what}`)].join(
      ', ',
    ),
  };
}

export interface Noise {
  /** Outside the script, so nothing in this run can be trusted. */
  readonly outside: readonly string[];
  /** Windows that cannot be compared, because of what happened just when they began or ended. */
  readonly faults: ReadonlySet<string>;
  /** All of it in words; empty if there is none. */
  readonly text: string;
}

function outside(requests: readonly RawRequest[], down: readonly Window[], pauseMs: number): string[] {
  const near = (time: number) => down.some((w) => time >= w.from - 400 && time < w.to + 400);
  const noise: string[] = [];
  const failed = requests.filter((r) => r.failed && !near(r.start));
  if (failed.length > 0) noise.push(`${failed.length} requests failed outside the script`);
  const ends = requests.map((r) => r.end).filter((end) => !near(end));
  const pauses = gapsOf(ends).filter(({ from, to }) => to - from > pauseMs && !near(from + 401));
  if (pauses.length > 0) noise.push(`${pauses.length} pauses of more than ${pauseMs} ms outside the script`);
  return noise;
}

/** A request that was under way for longer than this says nothing about the moment when the target changed. */
const ON_THE_WAY_MS = 5;

/** Around the beginning and end of a window both sides have to be fast, because the times are taken from there. */
function atEdges(
  requests: readonly RawRequest[],
  { pauses }: Pick<TargetRecord, 'pauses'>,
  w: Window,
  pauseMs: number,
): string[] {
  const noise: string[] = [];
  const note = (is: boolean, text: string) => is && noise.push(text);
  // Where it reads the clock for each request, a pause delays that reading. Where it acts, it records when it did.
  const clocked = w.mode === 'refuse' ? [] : w.mode === 'stall' ? [w.from] : [w.from, w.to];
  const stuck = clocked.some((edge) => pauses.some((p) => p.from < edge - ON_THE_WAY_MS && p.to > edge));
  note(stuck, 'nothing could look at the clock when it was due');
  const soon = requests.filter((r) => r.start > w.from - 400 && r.start < w.to + 400);
  // Requests under way are read late. That none is started is k6's own doing: it is open loop, with enough users for all that hang.
  const starts = soon.map((r) => r.start).filter((start) => start >= w.to);
  const paused = gapsOf(starts).some(({ from, to }) => to - from > pauseMs);
  note(paused, 'k6 paused just after it ended');
  const early = soon.some((r) => r.start < w.from - ON_THE_WAY_MS && r.end > w.from);
  note(early, 'a request was on its way for long when it began');
  if (w.mode === 'stall') {
    const answered = Math.min(
      ...soon.filter((r) => !r.failed && r.start < w.to && r.end > w.to).map((r) => r.end),
    );
    note(answered - w.to > ON_THE_WAY_MS, 'k6 was late to read the first answer');
  } else {
    const late = soon.some((r) => !r.failed && r.start < w.to - ON_THE_WAY_MS && r.end > w.to);
    note(late, 'a request was on its way for long when it ended');
    const [next] = soon.filter((r) => r.start >= w.to).sort((x, y) => x.start - y.start);
    note(next !== undefined && next.end - next.start > ON_THE_WAY_MS, 'the first answer after it was slow');
  }
  return noise;
}
