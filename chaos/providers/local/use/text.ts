import { type Stretch, wholeOf } from '../../../use/with-load.ts';

/** 1234567 as `1.2 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function secondsText(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** `, 31 pieces of payload in the 1.3 s before the load`; nothing when there were none. */
export function beforeText(before: readonly Stretch[], unit: string): string {
  const { count, ms } = wholeOf(before);
  return count === 0 ? '' : `, ${count} ${unit} in the ${secondsText(ms)} before the load`;
}
