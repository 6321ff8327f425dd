import { vi } from 'vitest';

/** k6 as seen by a scenario that watches pages of metrics: pages by URL, a clock that only waiting advances, metrics that are kept. */
export const seen = {
  pages: {} as Record<string, (string | null)[]>,
  added: [] as [string, unknown, unknown?][],
};

export function addedByName(): Record<string, unknown[]> {
  const byName: Record<string, unknown[]> = {};
  for (const [name, value] of seen.added) byName[name] = [...(byName[name] ?? []), value];
  return byName;
}

class Metric {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  add(value: unknown, tags?: unknown): void {
    seen.added.push([this.name, value, tags]);
  }
}

/** Replaces scenarios/lib/runtime/k6.ts. */
export const k6 = {
  http: {
    get: (url: string) => {
      const body = seen.pages[url]?.shift();
      return { status: typeof body === 'string' ? 200 : 0, body };
    },
  },
  sleep: (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000),
  Counter: Metric,
  Rate: Metric,
  Trend: Metric,
};
