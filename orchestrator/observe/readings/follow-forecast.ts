import type { ForecastQuestion } from '../../../chaos/probes/kind.ts';
import { now, sleep } from '../../clock.ts';
import { percentText } from '../../objectives/number-text.ts';
import type { Followed } from './follow-readings.ts';
import { createWindows, type SeenWindow } from './forecast-windows.ts';

/**
 * Reads until a window was forecast well enough, or the time is up. Squall itself holds the forecast against what came: no word of the
 * target's says how good it was.
 * @param read throws when there is no value
 */
export async function followForecast(
  { offAtMost, withinMs }: ForecastQuestion,
  read: () => Promise<{ readonly forecast: number; readonly actual: number }>,
  late: AbortSignal,
): Promise<Followed> {
  const everyMs = Math.min(5_000, Math.max(250, withinMs / 120));
  const windows = createWindows();
  let closest: SeenWindow | null = null;
  let trouble = '';
  while (!late.aborted) {
    try {
      const reading = await read();
      const seen = windows.read({ at: now(), ...reading });
      trouble = '';
      if (seen !== null && (closest === null || seen.off < closest.off)) closest = seen;
      if (closest !== null && closest.off <= offAtMost)
        return { at: now(), answered: true, detail: shown(closest) };
    } catch (error) {
      if (!late.aborted) trouble = (error as Error).message;
    }
    await sleep(everyMs, late);
  }
  if (closest !== null) return { at: null, answered: true, detail: shown(closest) };
  const why = trouble === '' ? 'nothing was counted, or it was too long' : trouble;
  return { at: null, answered: false, detail: `no whole window was seen: ${why}` };
}

function shown({ forecast, actual, off }: SeenWindow): string {
  const text = (value: number) => String(Number(value.toPrecision(4)));
  return `forecast ${text(forecast)}, came ${text(actual)}: off by ${percentText(off)}`;
}
