import { writeFileSync } from 'node:fs';
import { scaleLinear } from 'd3-scale';
import { type Html, html } from '../orchestrator/report/html/template.ts';

/** How often each rule says `regressed` of so many sessions, for each factor on all durations of the candidate. */
export interface Curves {
  readonly noise: string;
  readonly of: number;
  /** The first one is 1. */
  readonly factors: readonly number[];
  readonly regressed: Readonly<Record<RuleName, readonly number[]>>;
}

const LOOKS = {
  'squall: any of p50, p95, p99, errors': { color: '#0969da', dash: '' },
  'squall: p95': { color: '#0969da', dash: '5 3' },
  'p95 > 1.05×, same data': { color: '#bc4c00', dash: '' },
  'p95 > 1.05×, two runs': { color: '#bc4c00', dash: '2 3' },
  'Mann-Whitney, same data': { color: '#8250df', dash: '' },
  'Mann-Whitney, two runs': { color: '#8250df', dash: '2 3' },
} as const;
type RuleName = keyof typeof LOOKS;
const RULES = Object.keys(LOOKS) as RuleName[];
const WIDTH = 1000;
const LEGEND = 50;
const AXIS = 34;

/** One panel for each noise: how often each rule finds a candidate that is slower by so much; what is at 0 % is a false alarm. */
export function powerPlot(file: string, curves: readonly Curves[]): void {
  const [columns, panel] = [5, { width: WIDTH / 5, height: 190 }];
  const panels = curves.map(({ noise, of, factors, regressed }, i) => {
    const left = (i % columns) * panel.width + 38;
    const top = LEGEND + Math.floor(i / columns) * panel.height + 22;
    const x = scaleLinear([0, Math.max(...factors) - 1], [left, left + panel.width - 50]);
    const y = scaleLinear([0, 100], [top + panel.height - AXIS - 22, top]);
    // squall's own lines are drawn last, over the others.
    const lines = RULES.toReversed().map((rule) => {
      const points = factors.map((factor, f) =>
        point(x(factor - 1), y((100 * (regressed[rule][f] as number)) / of)),
      );
      return html`<polyline fill="none" stroke="${LOOKS[rule].color}" stroke-width="1.8" stroke-dasharray="${LOOKS[rule].dash}" points="${points.join(' ')}"/>`;
    });
    return html`<text class="title" x="${left}" y="${top - 8}">${noise}</text>
${[0, 50, 100].map((percent) => html`<line class="grid" x1="${left}" x2="${x.range()[1]}" y1="${y(percent)}" y2="${y(percent)}"/><text text-anchor="end" x="${left - 4}" y="${y(percent) + 4}">${percent}</text>`)}
${[0, 0.1, 0.2, 0.3].map((more) => html`<text text-anchor="middle" x="${x(more)}" y="${y(0) + 15}">+${(100 * more).toFixed(0)}</text>`)}
${lines}`;
  });
  const height = LEGEND + Math.ceil(curves.length / columns) * panel.height;
  draw(file, height, 'regressed, % of sessions, by % added to all durations', panels, lineOf);
}

/** One row for each noise: how often each rule says `regressed` of two identical sides, with the interval of 95 % (Wilson). */
export function sameCodePlot(file: string, curves: readonly Curves[]): void {
  const row = 52;
  const x = scaleLinear([0, 100], [130, WIDTH - 28]);
  const bottom = LEGEND + curves.length * row;
  const rows = curves.map(({ noise, of, regressed }, i) => {
    const top = LEGEND + i * row;
    const dots = RULES.map((rule, r) => {
      const count = regressed[rule][0] as number;
      const [low, high] = wilson(count, of);
      const y = top + 8 + r * 7;
      const { color } = LOOKS[rule];
      return html`<line stroke="${color}" x1="${x(100 * low)}" x2="${x(100 * high)}" y1="${y}" y2="${y}"/>${dotOf(rule, x((100 * count) / of), y)}`;
    });
    return html`<line class="grid" x1="0" x2="${WIDTH}" y1="${top}" y2="${top}"/><text class="title" x="8" y="${top + row / 2 + 4}">${noise}</text>${dots}`;
  });
  const axis = [0, 20, 40, 60, 80, 100].map(
    (percent) => html`<text text-anchor="middle" x="${x(percent)}" y="${bottom + 16}">${percent} %</text>`,
  );
  const allowed = html`<line stroke="#cf222e" stroke-dasharray="4 3" x1="${x(2)}" x2="${x(2)}" y1="${LEGEND}" y2="${bottom}"/><text fill="#cf222e" x="${x(2) + 3}" y="${bottom + 16}">2 % allowed</text>`;
  const title = 'regressed although nothing has changed, % of sessions';
  draw(file, bottom + 24, title, [rows, axis, allowed], dotOf);
}

/** How a rule is drawn, at the left end of its place in the legend. */
type Mark = (rule: RuleName, x: number, y: number) => Html;

const lineOf: Mark = (rule, x, y) =>
  html`<line stroke="${LOOKS[rule].color}" stroke-width="2" stroke-dasharray="${LOOKS[rule].dash}" x1="${x}" x2="${x + 28}" y1="${y}" y2="${y}"/>`;

const dotOf: Mark = (rule, x, y) =>
  html`<circle cx="${x}" cy="${y}" r="3.2" stroke="${LOOKS[rule].color}" fill="${LOOKS[rule].dash === '' ? LOOKS[rule].color : '#fff'}"/>`;

function draw(
  file: string,
  height: number,
  title: string,
  content: readonly (Html | Html[])[],
  mark: Mark,
): void {
  const legend = RULES.map((rule, i) => {
    const [left, y] = [8 + (i % 3) * 330, 14 + Math.floor(i / 3) * 18];
    return html`${mark(rule, left + (mark === dotOf ? 14 : 0), y)}<text x="${left + 34}" y="${y + 4}">${rule}</text>`;
  });
  // A ground of its own: the page may be dark.
  const { markup } =
    html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height + 20}" role="img" aria-label="${title}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2328">
<style>.grid{stroke:#d1d9e0}.title{font-weight:600}</style>
<rect width="${WIDTH}" height="${height + 20}" fill="#fff"/>
${legend}
${content}
<text text-anchor="middle" x="${WIDTH / 2}" y="${height + 12}">${title}</text>
</svg>
`;
  writeFileSync(file, markup);
}

function point(x: number, y: number): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

/** Of a share, at 95 %. */
function wilson(count: number, of: number): [number, number] {
  const z = 1.96;
  const share = count / of;
  const middle = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const reach = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)];
}
