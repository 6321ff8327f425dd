import { scaleLinear } from 'd3-scale';
import { type Html, html } from '../html/template.ts';
import { valueText } from '../text/value-text.ts';
import type { Trend } from './trends.ts';

/** A trend as a small picture: one point for each run, a dashed upright line for each change. The title says its ends in words. */
export function sparkline(trend: Trend): Html | string {
  const { points, changes } = trend;
  const values = points.map(({ value }) => value);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return '';
  const x = scaleLinear([0, Math.max(1, points.length - 1)], [MARGIN, WIDTH - MARGIN]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // From zero unless that would flatten it.
  const from = low > high / 2 ? low - (high - low) * 0.2 : Math.min(0, low);
  const y = scaleLinear([from, high === from ? from + 1 : high], [HEIGHT - MARGIN, MARGIN]);
  const at = ({ value }: { readonly value: number }, index: number) =>
    `${x(index).toFixed(1)},${y(value).toFixed(1)}`;
  const said = `${points.length} runs, from ${valueText(trend, first.value)} to ${valueText(trend, last.value)}`;
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${said}"><title>${said}; lowest ${valueText(trend, low)}, highest ${valueText(trend, high)}</title>
${changes.map(({ index }) => html`<line class="change" x1="${x(index - 0.5).toFixed(1)}" x2="${x(index - 0.5).toFixed(1)}" y1="0" y2="${HEIGHT}"/>`)}
<polyline points="${points.map(at).join(' ')}"/>
${points.map(({ value, result, run }, i) => html`<circle class="${result}" cx="${x(i).toFixed(1)}" cy="${y(value).toFixed(1)}" r="${result === 'FAIL' ? 3 : 1.8}"><title>${run.run}: ${valueText(trend, value)} ${result}</title></circle>`)}
</svg>`;
}

const WIDTH = 260;
const HEIGHT = 46;
const MARGIN = 5;
