import type { TimelineGroup } from '../html/timeline-data.ts';
import { valuesOf } from './charts.ts';
import { element, select } from './dom.ts';
import { PANELS } from './panels.ts';
import { type View, zoom } from './view.ts';

/** Which requests, which stretch of time. */
export function controls(view: View): HTMLElement {
  const { data } = view;
  const row = element('div', 'controls');
  const requests = select(
    'Requests',
    data.groups.map((one) => one.name),
    (index) => {
      const { charts } = view;
      view.group = data.groups[index] as TimelineGroup;
      for (const [at, panel] of PANELS.entries()) charts[at + 1]?.setData(valuesOf(view, panel), false);
      for (const chart of charts.slice(1))
        chart.setScale('x', {
          min: chart.scales.x?.min ?? data.from,
          max: chart.scales.x?.max ?? data.to,
        });
    },
  );
  const stretch = select('Zoom to', ['Whole run', ...data.lanes.map((lane) => lane.label)], (index) => {
    const bars = data.lanes[index - 1]?.bars ?? [];
    if (bars.length === 0) zoom(view, data.from, data.to);
    else zoom(view, Math.min(...bars.map((bar) => bar.from)) - 5, Math.max(...bars.map((bar) => bar.to)) + 5);
  });
  const all = element('button', '', 'Show all');
  all.type = 'button';
  all.addEventListener('click', () => {
    (stretch.lastElementChild as HTMLSelectElement).selectedIndex = 0;
    zoom(view, data.from, data.to);
  });
  row.append(requests, stretch, all);
  return row;
}
