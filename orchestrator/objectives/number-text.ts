/** ISO 8601 with milliseconds; null stays null. */
export function iso(ms: number): string;
export function iso(ms: number | null): string | null;
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(Math.round(ms)).toISOString();
}

/** `0.8 ms`, `850 ms`, `12.34 s`, `2 min 5 s`, `2 h 5 min`: how every duration reads, in messages and in reports. */
export function readableMs(ms: number): string {
  if (ms < 0) return `-${readableMs(-ms)}`;
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_995) return `${Number((ms / 1000).toFixed(2))} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** A count that may be weighted: `3`, `2.5`. */
export function countText(count: number): string {
  return Number.isInteger(count) ? String(count) : count.toFixed(1);
}

export function msText(value: number): string {
  return `${Number(value.toPrecision(4))} ms`;
}

export function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`;
}
