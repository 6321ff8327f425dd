import { element } from './dom.ts';
import { PANELS, type Panel } from './panels.ts';
import type { View } from './view.ts';

/** A button for each line, with its value under the cursor. */
export function legend(view: View, panel: Panel): HTMLElement {
  const { hidden, outputs } = view;
  const row = element('div', 'legend');
  row.append(element('b', '', panel.title));
  for (const [index, name] of panel.series.entries()) {
    const button = element('button', name, name === 'bad' ? 'share of what was due' : name);
    button.type = 'button';
    button.setAttribute('aria-pressed', String(!hidden.has(name)));
    const output = element('output', '');
    outputs.set(name, output);
    button.append(' ', output);
    button.addEventListener('click', () => {
      if (!hidden.delete(name)) hidden.add(name);
      button.setAttribute('aria-pressed', String(!hidden.has(name)));
      view.charts[PANELS.indexOf(panel) + 1]?.setSeries(index + 1, { show: !hidden.has(name) });
    });
    row.append(button);
  }
  return row;
}

/** Only what is on the chart. */
export function key({ data }: View): HTMLElement {
  const row = element('div', 'key-row');
  const there = new Set(data.lanes.flatMap((lane) => lane.bars.map((bar) => bar.kind)));
  for (const [kind, text] of BARS) {
    if (!there.has(kind)) continue;
    const item = element('span', '');
    item.append(element('span', `swatch ${kind}`), text);
    row.append(item);
  }
  if (data.unable.length > 0) {
    const item = element('span', '');
    item.append(element('span', 'swatch unable'), 'the machine that generated the load stood still');
    row.append(item);
  }
  if (data.groups.some((one) => one.limits.length > 0))
    row.append(
      element(
        'span',
        '',
        data.groups.length > 1
          ? '╌ objective; of one request alone: choose it under Requests'
          : '╌ objective of all requests',
      ),
    );
  if (data.marks.length > 0) row.append(element('span', '', '▲ alert firing · △ resolved · ┃ stopped'));
  return row;
}

const BARS = [
  ['fault', 'fault in, as proven by evidence'],
  ['recovery', 'recovering'],
  ['steady', 'before the first fault'],
  ['planned', 'planned'],
  ['outage', 'outage seen by the load'],
  ['unproven', 'attempted, without evidence'],
] as const;
