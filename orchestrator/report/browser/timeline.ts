/**
 * The live chart of report.html. Runs in the page, bundled with uPlot by ../browser-assets.ts; the data block next to it is all
 * that it reads. Text from the run gets into the page by textContent or onto a canvas, never as markup.
 */
import type { TimelineData } from '../html/timeline-data.ts';
import { controls } from './controls.ts';
import { key } from './legend.ts';
import { mountCharts, newView } from './mount.ts';
import { type View, zoom } from './view.ts';

const block = document.getElementById('timeline-data');
const root = document.getElementById('live');
if (block !== null && root !== null) start(JSON.parse(block.textContent ?? '') as TimelineData, root);

function start(data: TimelineData, root: HTMLElement): void {
  if (data.times.length === 0) return;
  const view = newView(data, root, 'Move over the chart for values; drag to zoom, double-click to see all.');
  root.append(controls(view), view.readout, view.panels, key(view));
  root.hidden = false;
  document.documentElement.classList.add('scripted');
  zoomButtons(view);
  mountCharts(view);
}

/** Buttons elsewhere on the page show their stretch of time here. */
function zoomButtons(view: View): void {
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  for (const button of document.querySelectorAll<HTMLElement>('[data-zoom]')) {
    button.addEventListener('click', () => {
      const [from = 0, to = 0] = (button.dataset.zoom ?? '').split(',').map(Number);
      zoom(view, from - 5, to + 5);
      view.root.scrollIntoView({ behavior: still.matches ? 'auto' : 'smooth', block: 'start' });
    });
  }
}
