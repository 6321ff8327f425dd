import uPlot from 'uplot';
import { onCursor } from './cursor.ts';
import { color } from './dom.ts';
import { legend } from './legend.ts';
import { lanesHeight, paintBands, paintLanes, paintLimits } from './paint.ts';
import { axis, line, type Panel, TICKS } from './panels.ts';
import { powers, tickTime } from './text.ts';
import type { View } from './view.ts';

/** The faults above the panels. */
export function lanesChart(view: View): uPlot {
  const { data, panels } = view;
  const options = common(view, lanesHeight(data), 0);
  return new uPlot(
    {
      ...options,
      axes: [
        { ...axis(), size: 0, incrs: TICKS, space: 64, values: () => [] },
        { ...axis(), values: () => [], grid: { show: false } },
      ],
      scales: { x: options.scales.x, y: { range: [0, 1] } },
      series: [{}, { show: true, points: { show: false } }],
      hooks: { draw: [(chart) => paintLanes(chart, view.data)] },
      cursor: { ...options.cursor, points: { show: false } },
    },
    laneValues(view),
    panels,
  );
}

/** One panel with its legend; the last one has the axis of time. */
export function panelChart(view: View, panel: Panel, last: boolean): uPlot {
  const { hidden, panels } = view;
  panels.append(legend(view, panel));
  const options = common(view, panel.height + (last ? 28 : 0), last ? 0 : 8);
  return new uPlot(
    {
      ...options,
      axes: [
        {
          ...axis(),
          size: last ? 28 : 0,
          incrs: TICKS,
          space: 64,
          values: (_, splits) => (last ? splits.map(tickTime) : []),
          ticks: { show: last, stroke: color('--grid') },
        },
        {
          ...axis(),
          values: (_, splits) => splits.map((value) => (value === null ? '' : panel.format(value))),
          ...(panel.log && { filter: powers, grid: { ...axis().grid, filter: powers } }),
        },
      ],
      scales: {
        x: options.scales.x,
        y: panel.log
          ? { distr: 3, range: (_, low, high) => logRange(view, low, high) }
          : { range: (_, __, high) => [0, Math.max(high * 1.08, 1)] },
      },
      series: [{}, ...panel.series.map((name) => line(name, !hidden.has(name)))],
      hooks: {
        drawClear: [(chart) => paintBands(chart, view.data)],
        // Above the grid, which may have a line at the same height; below the measured.
        drawAxes: panel.log ? [(chart) => paintLimits(chart, view.group.limits)] : [],
        setCursor: [(chart) => onCursor(view, chart)],
      },
    },
    valuesOf(view, panel),
    panels,
  );
}

/** Times without values. */
export function laneValues({ data }: Pick<View, 'data'>): uPlot.AlignedData {
  return [data.times as number[], data.times.map(() => null)];
}

export function valuesOf({ data, group }: View, panel: Panel): uPlot.AlignedData {
  // A logarithm has no zero.
  const floor = (value: number | null) => (panel.log && value !== null ? Math.max(value, 0.01) : value);
  return [data.times, ...panel.series.map((name) => group[name].map(floor))] as uPlot.AlignedData;
}

/** Limits are in sight, also where what was measured is far below them. */
function logRange({ group }: View, low: number | null, high: number | null): [number, number] {
  const limits = group.limits.map((limit) => limit.below * 1.3);
  return uPlot.rangeLog(low ?? 1, Math.max(high ?? 10, ...limits), 10, false) as [number, number];
}

function common(view: View, height: number, bottom: number) {
  return {
    width: view.panels.clientWidth,
    height,
    padding: [6, 12, bottom, 0] as [number, number, number, number],
    legend: { show: false },
    scales: {
      x: {
        time: false,
        // The data of a live page changes.
        range: (_: uPlot, low: number | null, high: number | null): [number, number] => {
          const { times, from, to } = view.data;
          return low === null || high === null || (low <= (times[0] ?? 0) && high >= (times.at(-1) ?? 0))
            ? [from, to]
            : [low, high];
        },
      },
    },
    cursor: { y: false, sync: { key: 'squall' }, drag: { x: true, y: false } } as uPlot.Cursor,
  };
}
