/** What k6 says of itself each second: one number of each stream, of which the sum is meant. */
const SUMMED = new Set(['vus', 'vus_max']);

export interface Gauges {
  metric(id: number, name: string): void;
  /** The value of a sample: for these metrics the newest of all streams together. */
  sum(part: number, metric: number, millionths: number): number;
  /** A stream is over: it has none of these any more. */
  end(part: number): void;
}

export function createGauges(parts: number): Gauges {
  const newest = new Map<number, Float64Array>();
  return {
    metric(id, name) {
      if (SUMMED.has(name)) newest.set(id, new Float64Array(parts));
    },
    sum(part, metric, millionths) {
      const values = newest.get(metric);
      if (values === undefined) return millionths;
      values[part] = millionths;
      return values.reduce((sum, value) => sum + value, 0);
    },
    end(part) {
      for (const values of newest.values()) values[part] = 0;
    },
  };
}
