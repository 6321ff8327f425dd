import { laneValues, valuesOf } from '../../../report/browser/charts.ts';
import { element } from '../../../report/browser/dom.ts';
import { key } from '../../../report/browser/legend.ts';
import { mountCharts, newView, resize } from '../../../report/browser/mount.ts';
import { PANELS } from '../../../report/browser/panels.ts';
import { type View, zoom } from '../../../report/browser/view.ts';
import type { TimelineData, TimelineGroup } from '../../../report/html/timeline-data.ts';

/** The report's charts, which grow. @returns what shows newer data */
export function liveTimeline(root: HTMLElement, data: TimelineData): (data: TimelineData) => void {
  const view = newView(
    data,
    root,
    'Move over the chart for values; drag to zoom, double-click to follow again.',
  );
  const all = element('button', '', 'Show all');
  all.type = 'button';
  all.addEventListener('click', () => zoom(view, view.data.from, view.data.to));
  const row = element('div', 'controls');
  row.append(all);
  let keys = key(view);
  root.append(row, view.readout, view.panels, keys);
  mountCharts(view);
  return (newer) => {
    const zoomed = zoomOf(view);
    view.data = newer;
    view.group = newer.groups[0] as TimelineGroup;
    for (const [index, chart] of view.charts.entries()) {
      const panel = PANELS[index - 1];
      chart.setData(panel === undefined ? laneValues(view) : valuesOf(view, panel), zoomed === null);
      // Without a scale that is set, what was zoomed is not drawn again.
      if (zoomed !== null) chart.setScale('x', zoomed);
      // Without any sample there is nothing to scale by, and the lanes are still worth seeing.
      else if (newer.times.length === 0) chart.setScale('x', { min: newer.from, max: newer.to });
    }
    resize(view);
    const fresh = key(view);
    keys.replaceWith(fresh);
    keys = fresh;
  };
}

/** What the user zoomed to; null when everything is shown. */
function zoomOf({ charts, data }: View): { min: number; max: number } | null {
  const { min, max } = charts[1]?.scales.x ?? {};
  if (typeof min !== 'number' || typeof max !== 'number') return null;
  return min > data.from + 1e-6 || max < data.to - 1e-6 ? { min, max } : null;
}
