/**
 * The live chart of report.html. Runs in the page, bundled with uPlot by ../browser-assets.ts; the data block next to it is all
 * that it reads. Text from the run gets into the page by textContent or onto a canvas, never as markup.
 */
import type { TimelineData, TimelineGroup } from '../html/timeline-data.ts';
import { lanesChart, panelChart } from './charts.ts';
import { controls } from './controls.ts';
import { onKey } from './cursor.ts';
import { element } from './dom.ts';
import { key } from './legend.ts';
import { lanesHeight } from './paint.ts';
import { PANELS } from './panels.ts';
import { type View, zoom } from './view.ts';

const block = document.getElementById('timeline-data');
const root = document.getElementById('live');
if (block !== null && root !== null) start(JSON.parse(block.textContent ?? '') as TimelineData, root);

function start(data: TimelineData, root: HTMLElement): void {
  if (data.times.length === 0) return;
  const view: View = {
    data,
    root,
    panels: panelsElement(),
    readout: element(
      'div',
      'readout',
      'Move over the chart for values; drag to zoom, double-click to see all.',
    ),
    hidden: new Set(),
    outputs: new Map(),
    group: data.groups[0] as TimelineGroup,
    charts: [],
  };
  root.append(controls(view), view.readout, view.panels, key(view));
  root.hidden = false;
  document.documentElement.classList.add('scripted');
  view.panels.addEventListener('keydown', (event) => onKey(view, event));
  new ResizeObserver(() => resize(view)).observe(view.panels);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => build(view));
  zoomButtons(view);
  build(view);
}

function panelsElement(): HTMLElement {
  const panels = element('div', 'panels');
  panels.tabIndex = 0;
  panels.setAttribute('role', 'group');
  panels.setAttribute('aria-label', 'Timeline. Left and right arrow keys move the cursor.');
  return panels;
}

/** Buttons elsewhere on the page show their stretch of time here. */
function zoomButtons(view: View): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-zoom]')) {
    button.addEventListener('click', () => {
      const [from = 0, to = 0] = (button.dataset.zoom ?? '').split(',').map(Number);
      zoom(view, from - 5, to + 5);
      view.root.scrollIntoView({ behavior: 'smooth', block: 'start' });
    });
  }
}

function build(view: View): void {
  for (const chart of view.charts) chart.destroy();
  view.panels.replaceChildren();
  view.outputs.clear();
  view.charts = [
    lanesChart(view),
    ...PANELS.map((panel, index) => panelChart(view, panel, index === PANELS.length - 1)),
  ];
}

function resize({ charts, data, panels }: View): void {
  const width = panels.clientWidth;
  for (const [index, chart] of charts.entries()) {
    if (chart.width !== width)
      chart.setSize({ width, height: index === 0 ? lanesHeight(data) : chart.height });
  }
}
