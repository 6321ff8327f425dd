import type uPlot from 'uplot';
import { PANELS } from './panels.ts';
import { clockTime, offsetTime } from './text.ts';
import type { View } from './view.ts';

/** What the chart shows at the cursor, in words. */
export function onCursor({ data, group, outputs, readout }: View, chart: uPlot): void {
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

/** The arrow keys move the cursor. */
export function onKey({ charts, data }: View, event: KeyboardEvent): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  const [, chart] = charts;
  if (step === 0 || chart === undefined) return;
  event.preventDefault();
  const index = Math.min(data.times.length - 1, Math.max(0, (chart.cursor.idx ?? -step) + step));
  const left = chart.valToPos(data.times[index] as number, 'x');
  for (const one of charts) one.setCursor({ left, top: 1 });
}
