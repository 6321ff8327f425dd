/** ISO 8601 with milliseconds; null stays null. */
export function iso(ms: number): string;
export function iso(ms: number | null): string | null;
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(Math.round(ms)).toISOString();
}

/** `850 ms`, `12.3 s`, `2 min 5 s`. */
export function readableMs(ms: number): string {
  if (ms < 1000) return `${Number(ms.toFixed(ms < 10 ? 1 : 0))} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(2))} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms - minutes * 60_000) / 1000);
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
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
