import { scaleLinear } from 'd3-scale';
import { drawPanel, minutes, type PanelSpec, ticksOf } from '../html/static-chart.ts';
import { type Html, html } from '../html/template.ts';
import type { TimelineData } from '../html/timeline-data.ts';

/** Both timelines in one picture, each from its own first sample: p50 and p95, requests per second, bad events; faults as bands. */
export function compareChart(a: TimelineData, b: TimelineData): Html {
  const span = { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
  const x = scaleLinear([span.from, span.to], [LEFT, WIDTH - RIGHT]);
  const lanes = [
    ...a.lanes.map((lane) => ({ ...lane, side: 'a' })),
    ...b.lanes.map((lane) => ({ ...lane, side: 'b' })),
  ];
  let top = lanes.length * LANE + 8;
  const bottom = top + PANELS.reduce((sum, { height }) => sum + height + 34, 0) - 14;
  const panels = PANELS.map(({ title, height, log, pick }) => {
    const lines = [a, b].map((data, i) => ({
      name: 'AB'[i] as string,
      className: 'ab'[i] as string,
      times: data.times,
      values: data.groups[0]?.[pick] ?? [],
    }));
    const place = { top: top + 20, height };
    top += height + 34;
    return drawPanel({ title, height, log, lines }, place, x);
  });
  return html`<div class="scroll" role="region" aria-label="Timelines as a picture" tabindex="0"><svg class="static-chart compare" viewBox="0 0 ${WIDTH} ${bottom + 32}" role="img" aria-label="Both timelines: latency, request rate and errors, with the faults of both as bands">
${lanes.map(({ label, bars, side }, index) => {
  const y = index * LANE;
  const faults = bars.filter(({ kind }) => kind === 'fault' || kind === 'unproven');
  const start = faults[0] === undefined ? LEFT : x(faults[0].from);
  const isRight = start > WIDTH * 0.6;
  return html`<g class="lane"><text x="${start.toFixed(1)}" y="${y + 11}" text-anchor="${isRight ? 'end' : 'start'}">${side.toUpperCase()} · ${label}</text>${faults.map(
    ({ from, to, kind }) => {
      const [left, width] = [x(from).toFixed(1), Math.max(2, x(to) - x(from)).toFixed(1)];
      return html`<rect class="band" x="${left}" width="${width}" y="${y + 15}" height="${bottom - y - 15}"/><rect class="${kind} ${side}" x="${left}" width="${width}" y="${y + 15}" height="7"/>`;
    },
  )}</g>`;
})}
${panels}
${ticksOf(span).map((time) => html`<text class="tick" text-anchor="middle" x="${x(time).toFixed(1)}" y="${bottom + 14}">${minutes(time)}</text>`)}
<text class="tick" x="${LEFT}" y="${bottom + 29}">minutes:seconds after the first sample of each run · band: fault in, as proven</text>
</svg></div>`;
}

export const CHART_STYLE = `
.a{--c:var(--p95)}.b{--c:var(--p99)}.compare .line.b{stroke-dasharray:6 3}.static-chart rect.fault.a{fill:var(--p95)}.static-chart rect.fault.b{fill:var(--p99)}
`;

const WIDTH = 1000;
const LEFT = 52;
const RIGHT = 12;
const LANE = 26;

const PANELS: readonly (Pick<PanelSpec, 'title' | 'height' | 'log'> & {
  readonly pick: 'p50' | 'p95' | 'requests' | 'bad';
})[] = [
  { title: 'p50 of successful requests, ms (log scale)', height: 120, log: true, pick: 'p50' },
  { title: 'p95 of successful requests, ms (log scale)', height: 150, log: true, pick: 'p95' },
  { title: 'Requests per second', height: 100, log: false, pick: 'requests' },
  { title: 'Bad events, % of what was due', height: 90, log: false, pick: 'bad' },
];
