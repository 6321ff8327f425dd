import type { TimelineData, TimelineGroup } from '../html/timeline-data.ts';
import { lanesChart, panelChart } from './charts.ts';
import { onKey } from './cursor.ts';
import { element } from './dom.ts';
import { lanesHeight } from './paint.ts';
import { PANELS } from './panels.ts';
import type { View } from './view.ts';

/** Puts the charts where they belong and keeps them in the width and the colours of the page. */
export function mountCharts(view: View): void {
  view.panels.addEventListener('keydown', (event) => onKey(view, event));
  new ResizeObserver(() => resize(view)).observe(view.panels);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => build(view));
  build(view);
}

/** @param readout what its line says before anything is under the cursor */
export function newView(data: TimelineData, root: HTMLElement, readout: string): View {
  return {
    data,
    root,
    panels: panelsElement(),
    readout: element('div', 'readout', readout),
    hidden: new Set(),
    outputs: new Map(),
    group: data.groups[0] as TimelineGroup,
    charts: [],
  };
}

function panelsElement(): HTMLElement {
  const panels = element('div', 'panels');
  panels.tabIndex = 0;
  panels.setAttribute('role', 'group');
  panels.setAttribute('aria-label', 'Timeline. Left and right arrow keys move the cursor.');
  return panels;
}

export function build(view: View): void {
  for (const chart of view.charts) chart.destroy();
  view.panels.replaceChildren();
  view.outputs.clear();
  view.charts = [
    lanesChart(view),
    ...PANELS.map((panel, index) => panelChart(view, panel, index === PANELS.length - 1)),
  ];
}

export function resize({ charts, data, panels }: View): void {
  const width = panels.clientWidth;
  for (const [index, chart] of charts.entries()) {
    const height = index === 0 ? lanesHeight(data) : chart.height;
    if (chart.width !== width || chart.height !== height) chart.setSize({ width, height });
  }
}
