import type uPlot from 'uplot';
import type { Bar, Limit, TimelineData } from '../html/timeline-data.ts';
import { color } from './dom.ts';

const LANE_HEIGHT = 28;

/** CSS pixels for all lanes and the row of alert marks. */
export function lanesHeight(data: TimelineData): number {
  return data.lanes.length * LANE_HEIGHT + (data.marks.length > 0 ? 22 : 6);
}

/** One lane per fault: its name, the proven window, recovery and outages; alerts and stops below. */
export function paintLanes(chart: uPlot, data: TimelineData): void {
  clipped(chart, (ctx, unit) => {
    const right = chart.bbox.left + chart.bbox.width;
    const x = (time: number) => chart.valToPos(time, 'x', true);
    ctx.font = `${11.5 * unit}px system-ui, sans-serif`;
    ctx.textBaseline = 'alphabetic';
    ctx.textAlign = 'left';
    for (const [index, lane] of data.lanes.entries()) {
      const top = chart.bbox.top + index * LANE_HEIGHT * unit;
      const label = ctx.measureText(lane.label).width > chart.bbox.width ? lane.name : lane.label;
      const width = ctx.measureText(label).width;
      const start = Math.max(lane.bars[0] === undefined ? 0 : x(lane.bars[0].from), chart.bbox.left);
      const end = Math.max(...lane.bars.map((bar) => x(bar.to)), chart.bbox.left);
      const out = end <= chart.bbox.left || start >= right;
      ctx.fillStyle = color(out ? '--soft' : '--ink');
      // Starts at the bar; where it would leave the chart it ends at its right edge instead.
      ctx.fillText(label, Math.max(chart.bbox.left, Math.min(start, right - width)), top + 12 * unit);
      for (const bar of lane.bars) paintBar(ctx, unit, bar, x(bar.from), x(bar.to), top);
    }
    const base = chart.bbox.top + (data.lanes.length * LANE_HEIGHT + 16) * unit;
    for (const mark of data.marks) paintMark(ctx, unit, mark.kind, x(mark.at), base);
  });
}

/** Behind the lines of a panel: what the machine was not able to measure, fault windows, alerts and stops at the same times as in the lanes. */
export function paintBands(chart: uPlot, data: TimelineData): void {
  clipped(chart, (ctx, unit) => {
    const { top, height } = chart.bbox;
    const x = (time: number) => chart.valToPos(time, 'x', true);
    ctx.fillStyle = color('--unable');
    for (const { from, to } of data.unable)
      ctx.fillRect(x(from), top, Math.max(unit, x(to) - x(from)), height);
    ctx.fillStyle = color('--band');
    for (const bar of data.lanes.flatMap((lane) => lane.bars)) {
      if (bar.kind === 'fault')
        ctx.fillRect(x(bar.from), top, Math.max(unit, x(bar.to) - x(bar.from)), height);
    }
    for (const mark of data.marks) {
      if (mark.kind === 'resolved') continue;
      ctx.beginPath();
      ctx.setLineDash(mark.kind === 'stop' ? [] : [2 * unit, 3 * unit]);
      ctx.lineWidth = (mark.kind === 'stop' ? 2 : 1) * unit;
      ctx.strokeStyle = color(`--${mark.kind}`);
      ctx.moveTo(x(mark.at), top);
      ctx.lineTo(x(mark.at), top + height);
      ctx.stroke();
    }
  });
}

/** The bound of an objective, across the panel in the colour of its line. */
export function paintLimits(chart: uPlot, limits: readonly Limit[]): void {
  clipped(chart, (ctx, unit) => {
    const right = chart.bbox.left + chart.bbox.width;
    ctx.font = `${11 * unit}px system-ui, sans-serif`;
    ctx.textAlign = 'right';
    ctx.textBaseline = 'bottom';
    ctx.lineWidth = unit;
    ctx.setLineDash([7 * unit, 4 * unit]);
    for (const { series, below, label } of limits) {
      const y = chart.valToPos(below, 'y', true);
      ctx.fillStyle = ctx.strokeStyle = color(`--${series}`);
      ctx.beginPath();
      ctx.moveTo(chart.bbox.left, y);
      ctx.lineTo(right, y);
      ctx.stroke();
      ctx.fillText(label, right - 4 * unit, y - 2 * unit);
    }
  });
}

function paintBar(
  ctx: CanvasRenderingContext2D,
  unit: number,
  bar: Bar,
  from: number,
  to: number,
  top: number,
): void {
  const width = Math.max(2 * unit, to - from);
  if (bar.kind === 'unproven' || bar.kind === 'planned') {
    ctx.setLineDash([4 * unit, 3 * unit]);
    ctx.lineWidth = unit;
    ctx.strokeStyle = color('--soft');
    ctx.strokeRect(from, top + 16 * unit, width, 8 * unit);
    return;
  }
  ctx.fillStyle = color(bar.kind === 'outage' ? '--outage' : `--${bar.kind}bar`);
  if (bar.kind === 'outage') ctx.fillRect(from, top + 23 * unit, width, 3 * unit);
  else ctx.fillRect(from, top + 16 * unit, width, 7 * unit);
}

function paintMark(ctx: CanvasRenderingContext2D, unit: number, kind: string, x: number, base: number): void {
  ctx.setLineDash([]);
  ctx.lineWidth = 1.2 * unit;
  ctx.fillStyle = ctx.strokeStyle = color(kind === 'stop' ? '--stop' : '--alert');
  if (kind === 'stop') {
    ctx.fillRect(x - unit, base - 12 * unit, 3 * unit, 12 * unit);
    return;
  }
  ctx.beginPath();
  ctx.moveTo(x, base - 10 * unit);
  ctx.lineTo(x + 5 * unit, base);
  ctx.lineTo(x - 5 * unit, base);
  ctx.closePath();
  if (kind === 'alert') ctx.fill();
  else ctx.stroke();
}

/** Canvas pixels for one CSS pixel are handed on: the canvas is as dense as the screen. */
function clipped(chart: uPlot, paint: (ctx: CanvasRenderingContext2D, unit: number) => void): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  paint(ctx, devicePixelRatio);
  ctx.restore();
}
