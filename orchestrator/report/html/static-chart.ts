import { scaleLinear, scaleLog, scaleUtc } from 'd3-scale';
import { count } from '../text/format.ts';
import { type Html, html, trusted } from './template.ts';
import type { Bar, Limit, TimelineData } from './timeline-data.ts';

/** The timeline as a picture: shown without scripts and on paper. Same panels and marks as the live chart. */
export function staticChart(data: TimelineData): Html {
  const [all] = data.groups;
  if (all === undefined || data.times.length === 0)
    return html`<p class="empty">No samples: there is nothing to draw.</p>`;
  const lanesHeight = data.lanes.length * LANE + (data.marks.length > 0 ? LANE : 0);
  const panels: readonly PanelSpec[] = [
    {
      title: 'Latency of successful requests, ms (log scale)',
      height: 170,
      log: true,
      lines: lines(data, ['p50', 'p95', 'p99']),
      limits: all.limits,
    },
    {
      title: 'Requests per second',
      height: 120,
      log: false,
      lines: lines(data, ['requests', 'failed', 'dropped']),
    },
    { title: 'Bad events, % of what was due', height: 100, log: false, lines: lines(data, ['bad']) },
  ];
  const x = scaleLinear([data.from, data.to], [LEFT, WIDTH - RIGHT]);
  let top = lanesHeight + 8;
  const drawn = panels.map((panel) => {
    const place = { top: top + 20, height: panel.height };
    top += panel.height + 34;
    return drawPanel(panel, place, x);
  });
  return html`<svg class="static-chart" viewBox="0 0 ${WIDTH} ${top + 18}" role="img" aria-label="Timeline of the run: latency, request rate and errors, with the faults as bands${data.unable.length > 0 && '; grey bands where the machine that generated the load stood still'}">
${data.unable.map(({ from, to }) => html`<rect class="unable" x="${x(from).toFixed(1)}" width="${Math.max(2, x(to) - x(from)).toFixed(1)}" y="${lanesHeight}" height="${top - 14 - lanesHeight}"><title>The machine that generated the load stood still: nothing was measured reliably from ${minutes(Math.floor(from))} to ${minutes(Math.ceil(to))}</title></rect>`)}
${data.lanes.map((lane, index) => drawLane(lane.label, lane.bars, index * LANE, top - 14, x))}
${data.marks.map((mark) => {
  const at = x(mark.at).toFixed(1);
  const y = data.lanes.length * LANE + 14;
  return html`<g class="mark ${mark.kind}"><title>${mark.label}</title><line x1="${at}" x2="${at}" y1="${y}" y2="${top - 14}"/><path d="M${at} ${y - 9}l5 9h-10z"/></g>`;
})}
${drawn}
${ticksOf(data).map((time) => html`<text class="tick" text-anchor="middle" x="${x(time).toFixed(1)}" y="${top}">${minutes(time)}</text>`)}
<text class="tick" x="${LEFT}" y="${top + 15}">minutes:seconds after the first sample · band: fault in, as proven · thin bar: outage seen by the load · ▲ alert firing · △ resolved${data.unable.length > 0 && ' · grey band: the machine stood still'}</text>
</svg>`;
}

/** The lines of the whole load. */
function lines(data: TimelineData, names: readonly SeriesName[]): PanelSpec['lines'] {
  return names.map((name) => ({
    name,
    className: name,
    times: data.times,
    values: data.groups[0]?.[name] ?? [],
  }));
}

type SeriesName = 'p50' | 'p95' | 'p99' | 'requests' | 'failed' | 'dropped' | 'bad';

export interface PanelSpec {
  readonly title: string;
  readonly height: number;
  readonly log: boolean;
  readonly lines: readonly {
    readonly name: string;
    readonly className: string;
    readonly times: readonly number[];
    readonly values: readonly (number | null)[];
  }[];
  readonly limits?: readonly Limit[];
}

const WIDTH = 1000;
const LEFT = 52;
const RIGHT = 12;
const LANE = 26;

function drawLane(
  label: string,
  bars: readonly Bar[],
  y: number,
  bottom: number,
  x: (time: number) => number,
): Html {
  const start = bars[0] === undefined ? LEFT : x(bars[0].from);
  const right = start > WIDTH * 0.6;
  const anchor = right ? Math.max(start, ...bars.map((bar) => x(bar.to))) : start;
  return html`<g class="lane"><text x="${anchor.toFixed(1)}" y="${y + 11}" text-anchor="${right ? 'end' : 'start'}">${label}</text>${bars.map(
    (bar) => {
      const [from, width] = [x(bar.from), Math.max(2, x(bar.to) - x(bar.from))];
      const thin = bar.kind === 'outage';
      const band =
        bar.kind === 'fault' &&
        html`<rect class="band" x="${from.toFixed(1)}" width="${width.toFixed(1)}" y="${y + 15}" height="${bottom - y - 15}"/>`;
      return html`${band}<rect class="${bar.kind}" x="${from.toFixed(1)}" width="${width.toFixed(1)}" y="${y + (thin ? 22 : 15)}" height="${thin ? 3 : 7}"/>`;
    },
  )}</g>`;
}

export function drawPanel(
  panel: PanelSpec,
  place: { top: number; height: number },
  x: (time: number) => number,
): Html {
  const values = panel.lines.flatMap((line) =>
    line.values.filter((value): value is number => value !== null),
  );
  const promised = panel.limits ?? [];
  const floor = Math.max(panel.log ? 10 : 1, ...promised.map((limit) => limit.below));
  const high = values.reduce((top, value) => Math.max(top, value), floor);
  const low = panel.log ? values.reduce((bottom, value) => Math.min(bottom, Math.max(value, 0.1)), high) : 0;
  const range = [place.top + place.height, place.top];
  const scale = panel.log
    ? scaleLog([low, high], range).clamp(true).nice()
    : scaleLinear([0, high], range).nice(LINEAR_TICKS);
  const y = (value: number) => scale(value);
  const grid = panel.log ? scale.ticks().filter(isPowerOfTen) : scale.ticks(LINEAR_TICKS);
  return html`<g class="panel"><text class="title" x="${LEFT}" y="${place.top - 7}">${panel.title}${panel.lines.length > 1 && html`: ${panel.lines.map(({ name, className }) => html` <tspan class="key ${className}">— ${name} </tspan>`)}`}</text>
${grid.map((value) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/><text class="tick" text-anchor="end" x="${LEFT - 6}" y="${(y(value) + 4).toFixed(1)}">${count(value)}</text>`)}
${promised.map(({ series, below, label }) => html`<line class="limit ${series}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(below).toFixed(1)}" y2="${y(below).toFixed(1)}"/><text class="key ${series}" text-anchor="end" x="${WIDTH - RIGHT}" y="${(y(below) - 4).toFixed(1)}">${label}</text>`)}
${panel.lines.map(({ className, times, values }) => html`<path class="line ${className}" d="${trusted(path(times, values, x, y))}"/>`)}</g>`;
}

function path(
  times: readonly number[],
  values: readonly (number | null)[],
  x: (time: number) => number,
  y: (value: number) => number,
): string {
  let pen = 'M';
  return times
    .map((time, index) => {
      const value = values[index] ?? null;
      if (value === null) {
        pen = 'M';
        return '';
      }
      const point = `${pen}${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = 'L';
      return point;
    })
    .join('');
}

/** Round times: seconds after the first sample are as good as seconds after 1970. */
export function ticksOf({ from, to }: Pick<TimelineData, 'from' | 'to'>): number[] {
  return scaleUtc([from * 1000, to * 1000], [0, 1])
    .ticks(MOST_TICKS)
    .map((time) => time.getTime() / 1000)
    .filter(Number.isInteger);
}

const MOST_TICKS = 10;

function isPowerOfTen(value: number): boolean {
  return Number.isInteger(Number(Math.log10(value).toFixed(9)));
}

const LINEAR_TICKS = 3;

export function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
