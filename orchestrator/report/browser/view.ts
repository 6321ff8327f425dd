import type uPlot from 'uplot';
import type { TimelineData, TimelineGroup } from '../html/timeline-data.ts';
import type { SeriesKey } from './panels.ts';

/** What the parts of the live chart share. */
export interface View {
  /** A live page replaces it. */
  data: TimelineData;
  readonly root: HTMLElement;
  readonly panels: HTMLElement;
  readonly readout: HTMLElement;
  readonly hidden: Set<SeriesKey>;
  readonly outputs: Map<SeriesKey, HTMLOutputElement>;
  group: TimelineGroup;
  charts: uPlot[];
}

export function zoom({ charts, data }: View, min: number, max: number): void {
  for (const chart of charts)
    chart.setScale('x', { min: Math.max(min, data.from), max: Math.min(max, data.to) });
}
