/** The sum of each metric of a scenario, by its name. */
export const sums = new Map<string, number>();

class Metric {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  add(value: number | boolean): void {
    sums.set(this.name, (sums.get(this.name) ?? 0) + Number(value));
  }
}

/** Replaces scenarios/lib/runtime/k6.ts, together with the requests that a test answers. */
export const metrics = { Counter: Metric, Rate: Metric, Trend: Metric };
