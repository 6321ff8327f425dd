/** What the charts of the page show, and what their lines and axes look like. */
import type uPlot from 'uplot';
import type { TimelineGroup } from '../html/timeline-data.ts';
import { color } from './dom.ts';
import { milliseconds, number } from './text.ts';

export type SeriesKey = Exclude<keyof TimelineGroup, 'name' | 'limits'>;

export interface Panel {
  readonly title: string;
  readonly height: number;
  readonly log: boolean;
  readonly series: readonly SeriesKey[];
  readonly format: (value: number) => string;
}

export const PANELS: readonly Panel[] = [
  {
    title: 'Latency of successful requests',
    height: 210,
    log: true,
    series: ['p50', 'p95', 'p99'],
    format: milliseconds,
  },
  {
    title: 'Requests per second',
    height: 140,
    log: false,
    series: ['requests', 'failed', 'dropped'],
    format: (v) => number(v),
  },
  { title: 'Bad events', height: 110, log: false, series: ['bad'], format: (v) => `${number(v)} %` },
];

/** Seconds between the marks of the time axis. */
export const TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 86400];

export function axis(): uPlot.Axis {
  return {
    stroke: color('--soft'),
    font: '11.5px system-ui, sans-serif',
    size: 58,
    grid: { stroke: color('--grid'), width: 1 },
    ticks: { show: false },
  };
}

export function line(name: SeriesKey, isShown: boolean): uPlot.Series {
  const dash = name === 'p99' || name === 'dropped' ? { dash: [5, 3] } : {};
  return {
    show: isShown,
    stroke: color(`--${name}`),
    width: name === 'p95' || name === 'requests' ? 1.8 : 1.3,
    ...dash,
    ...(name === 'bad' && { fill: color('--band') }),
    spanGaps: false,
  };
}
