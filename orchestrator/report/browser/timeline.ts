/**
 * The live chart of report.html. Runs in the page, bundled with uPlot by ../browser-assets.ts; the data block next to it is all
 * that it reads. Text from the run gets into the page by textContent or onto a canvas, never as markup.
 */
import uPlot from 'uplot';
import type { TimelineData, TimelineGroup } from '../html/timeline-data.ts';
import { color, element, select } from './dom.ts';
import { lanesHeight, paintBands, paintLanes, paintLimits } from './paint.ts';
import { axis, line, PANELS, type Panel, type SeriesKey, TICKS } from './panels.ts';
import { clockTime, offsetTime, powers, tickTime } from './text.ts';

const BARS = [
  ['fault', 'fault in, as proven by evidence'],
  ['recovery', 'recovering'],
  ['outage', 'outage seen by the load'],
  ['unproven', 'attempted, without evidence'],
] as const;

const block = document.getElementById('timeline-data');
const root = document.getElementById('live');
if (block !== null && root !== null) start(JSON.parse(block.textContent ?? '') as TimelineData, root);

function start(data: TimelineData, root: HTMLElement): void {
  if (data.times.length === 0) return;
  const hidden = new Set<SeriesKey>();
  let group = data.groups[0] as TimelineGroup;
  let charts: uPlot[] = [];
  const outputs = new Map<SeriesKey, HTMLOutputElement>();
  const readout = element(
    'div',
    'readout',
    'Move over the chart for values; drag to zoom, double-click to see all.',
  );
  const panels = element('div', 'panels');
  panels.tabIndex = 0;
  panels.setAttribute('role', 'group');
  panels.setAttribute('aria-label', 'Timeline. Left and right arrow keys move the cursor.');
  root.append(controls(), readout, panels, key());
  root.hidden = false;
  document.documentElement.classList.add('scripted');
  panels.addEventListener('keydown', onKey);
  new ResizeObserver(resize).observe(panels);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', build);
  for (const button of document.querySelectorAll<HTMLElement>('[data-zoom]')) {
    button.addEventListener('click', () => {
      const [from = 0, to = 0] = (button.dataset.zoom ?? '').split(',').map(Number);
      zoom(from - 5, to + 5);
      root.scrollIntoView({ behavior: 'smooth', block: 'start' });
    });
  }
  build();

  function build(): void {
    for (const chart of charts) chart.destroy();
    panels.replaceChildren();
    outputs.clear();
    charts = [lanes(), ...PANELS.map((panel, index) => plot(panel, index === PANELS.length - 1))];
  }

  function lanes(): uPlot {
    const options = common(lanesHeight(data), 0);
    return new uPlot(
      {
        ...options,
        axes: [
          { ...axis(), size: 0, incrs: TICKS, space: 64, values: () => [] },
          { ...axis(), values: () => [], grid: { show: false } },
        ],
        scales: { x: options.scales.x, y: { range: [0, 1] } },
        series: [{}, { show: true, points: { show: false } }],
        hooks: { draw: [(chart) => paintLanes(chart, data)] },
        cursor: { ...options.cursor, points: { show: false } },
      },
      [data.times as number[], data.times.map(() => null)],
      panels,
    );
  }

  function plot(panel: Panel, last: boolean): uPlot {
    panels.append(legend(panel));
    const options = common(panel.height + (last ? 28 : 0), last ? 0 : 8);
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
            ? { distr: 3, range: logRange }
            : { range: (_, __, high) => [0, Math.max(high * 1.08, 1)] },
        },
        series: [{}, ...panel.series.map((name) => line(name, !hidden.has(name)))],
        hooks: {
          drawClear: [(chart) => paintBands(chart, data)],
          // Above the grid, which may have a line at the same height; below the measured.
          drawAxes: panel.log ? [(chart) => paintLimits(chart, group.limits)] : [],
          setCursor: [onCursor],
        },
      },
      values(panel),
      panels,
    );
  }

  /** Promises are in sight, also where the measured is far below them. */
  function logRange(_: uPlot, low: number | null, high: number | null): [number, number] {
    const promised = group.limits.map((limit) => limit.below * 1.3);
    return uPlot.rangeLog(low ?? 1, Math.max(high ?? 10, ...promised), 10, false) as [number, number];
  }

  function common(height: number, bottom: number) {
    return {
      width: panels.clientWidth,
      height,
      padding: [6, 12, bottom, 0] as [number, number, number, number],
      legend: { show: false },
      scales: {
        x: {
          time: false,
          range: (_: uPlot, low: number | null, high: number | null): [number, number] =>
            low === null || high === null || (low <= (data.times[0] ?? 0) && high >= (data.times.at(-1) ?? 0))
              ? [data.from, data.to]
              : [low, high],
        },
      },
      cursor: { y: false, sync: { key: 'squall' }, drag: { x: true, y: false } } as uPlot.Cursor,
    };
  }

  function legend(panel: Panel): HTMLElement {
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
        charts[PANELS.indexOf(panel) + 1]?.setSeries(index + 1, { show: !hidden.has(name) });
      });
      row.append(button);
    }
    return row;
  }

  function onCursor(chart: uPlot): void {
    const index = chart.cursor.idx;
    const time =
      index === null || index === undefined || (chart.cursor.left ?? -1) < 0 ? undefined : data.times[index];
    for (const panel of PANELS) {
      for (const name of panel.series) {
        const value = time === undefined ? null : (group[name][index as number] ?? null);
        const output = outputs.get(name);
        if (output !== undefined) output.textContent = value === null ? '' : panel.format(value);
      }
    }
    if (time === undefined) return;
    // A point stands in the middle of the time that it sums up.
    const [begin, end] = [time - data.step / 2, time + data.step / 2];
    const faults = data.lanes.filter((lane) =>
      lane.bars.some((bar) => bar.kind !== 'outage' && bar.from < end && bar.to >= begin),
    );
    const marks = data.marks.filter((mark) => mark.at >= begin && mark.at < end);
    readout.textContent = [
      `${offsetTime(begin)} (${clockTime(data.zeroMs + begin * 1000)} UTC)`,
      ...faults.map((lane) => lane.label),
      ...marks.map((mark) => `▲ ${mark.label}`),
    ].join(' · ');
  }

  function onKey(event: KeyboardEvent): void {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const [, chart] = charts;
    if (step === 0 || chart === undefined) return;
    event.preventDefault();
    const index = Math.min(data.times.length - 1, Math.max(0, (chart.cursor.idx ?? -step) + step));
    const left = chart.valToPos(data.times[index] as number, 'x');
    for (const one of charts) one.setCursor({ left, top: 1 });
  }

  function controls(): HTMLElement {
    const row = element('div', 'controls');
    const requests = select(
      'Requests',
      data.groups.map((one) => one.name),
      (index) => {
        group = data.groups[index] as TimelineGroup;
        for (const [at, panel] of PANELS.entries()) charts[at + 1]?.setData(values(panel), false);
        for (const chart of charts.slice(1))
          chart.setScale('x', {
            min: chart.scales.x?.min ?? data.from,
            max: chart.scales.x?.max ?? data.to,
          });
      },
    );
    const view = select('Zoom to', ['Whole run', ...data.lanes.map((lane) => lane.label)], (index) => {
      const bars = data.lanes[index - 1]?.bars ?? [];
      if (bars.length === 0) zoom(data.from, data.to);
      else zoom(Math.min(...bars.map((bar) => bar.from)) - 5, Math.max(...bars.map((bar) => bar.to)) + 5);
    });
    const all = element('button', '', 'Show all');
    all.type = 'button';
    all.addEventListener('click', () => {
      (view.lastElementChild as HTMLSelectElement).selectedIndex = 0;
      zoom(data.from, data.to);
    });
    row.append(requests, view, all);
    return row;
  }

  function zoom(min: number, max: number): void {
    for (const chart of charts)
      chart.setScale('x', { min: Math.max(min, data.from), max: Math.min(max, data.to) });
  }

  function resize(): void {
    const width = panels.clientWidth;
    for (const [index, chart] of charts.entries()) {
      if (chart.width !== width)
        chart.setSize({ width, height: index === 0 ? lanesHeight(data) : chart.height });
    }
  }

  function values(panel: Panel): uPlot.AlignedData {
    // A logarithm has no zero.
    const floor = (value: number | null) => (panel.log && value !== null ? Math.max(value, 0.01) : value);
    return [data.times, ...panel.series.map((name) => group[name].map(floor))] as uPlot.AlignedData;
  }

  /** Only what is on the chart. */
  function key(): HTMLElement {
    const row = element('div', 'key-row');
    const there = new Set(data.lanes.flatMap((lane) => lane.bars.map((bar) => bar.kind)));
    for (const [kind, text] of BARS) {
      if (!there.has(kind)) continue;
      const item = element('span', '');
      item.append(element('span', `swatch ${kind}`), text);
      row.append(item);
    }
    if (data.groups.some((one) => one.limits.length > 0))
      row.append(element('span', '', '╌ promised; of one request alone: choose it under Requests'));
    if (data.marks.length > 0) row.append(element('span', '', '▲ alert firing · △ resolved · ┃ stopped'));
    return row;
  }
}
