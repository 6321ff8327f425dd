class Metric {}

/** What the scenarios need of k6 to state their objectives. Replaces scenarios/lib/runtime/k6.ts where no scenario is run. */
export const k6 = {
  http: { expectedStatuses: () => null },
  exec: {},
  sleep: () => {},
  fail: () => {},
  Counter: Metric,
  Rate: Metric,
  Trend: Metric,
};
