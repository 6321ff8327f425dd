import type { StudioAnswer } from './studio.ts';

export interface ReadCache {
  store(key: string, answer: StudioAnswer): void;
  /** A recent good answer, or undefined. */
  recall(key: string): StudioAnswer | undefined;
}

/** The newest good answers, to be served (marked `x-degraded: true`) while the studio is out of reach. Bounded. */
export function createReadCache({ maxAgeMs = 60_000, maxEntries = 500 } = {}): ReadCache {
  const entries = new Map<string, { at: number; answer: StudioAnswer }>();
  return {
    store(key, answer) {
      entries.delete(key);
      entries.set(key, { at: performance.now(), answer });
      if (entries.size > maxEntries) entries.delete(entries.keys().next().value as string);
    },
    recall(key) {
      const entry = entries.get(key);
      return entry !== undefined && performance.now() - entry.at <= maxAgeMs ? entry.answer : undefined;
    },
  };
}
