export interface Trend {
  /** The median of the slopes between all pairs (Theil and Sen), per hour, in the unit of the values. */
  readonly slopePerHour: number;
  /** The chance of seeing so clear a rise in values that do not rise (Mann and Kendall, one-sided). */
  readonly p: number;
  /** The slope over the whole time, as a share of the median value. */
  readonly growth: number;
  readonly rising: boolean;
}

export interface TrendRule {
  /** Rises that are less likely than this by chance count. Default 0.01. */
  readonly maxP?: number;
  /** Rises smaller than this share over the whole time do not count: a heap that fills up once is not a leak. Default 0.1. */
  readonly minGrowth?: number;
}

/**
 * Tells a leak from noise. Values must rise clearly (Mann-Kendall test with its normal approximation, so at least 10 values) and by
 * a lot (Theil-Sen slope). A sawtooth of garbage collection does the second without the first; a large heap that warms up does the
 * first without the second. Times are in milliseconds.
 */
export const trend = (
  points: readonly { readonly atMs: number; readonly value: number }[],
  { maxP = 0.01, minGrowth = 0.1 }: TrendRule = {},
): Trend => {
  const thin = thinned(points);
  const n = thin.length;
  if (n < 10) return { slopePerHour: 0, p: 1, growth: 0, rising: false };
  const slopes: number[] = [];
  let s = 0;
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) {
      const rise = (thin[j]?.value ?? 0) - (thin[i]?.value ?? 0);
      const run = (thin[j]?.atMs ?? 0) - (thin[i]?.atMs ?? 0);
      s += Math.sign(rise);
      if (run > 0) slopes.push(rise / run);
    }
  }
  const variance = (n * (n - 1) * (2 * n + 5)) / 18;
  const p = s <= 0 ? 1 : upperTail((s - 1) / Math.sqrt(variance));
  const slope = median(slopes);
  const spanMs = (thin[n - 1]?.atMs ?? 0) - (thin[0]?.atMs ?? 0);
  const middle = median(thin.map(({ value }) => value));
  const growth = middle > 0 ? (slope * spanMs) / middle : 0;
  return { slopePerHour: slope * 3_600_000, p, growth, rising: p < maxP && growth > minGrowth };
};

/**
 * At most this many points are compared, however long the soak was: the lowest of each of so many equal stretches. The lowest value
 * is what remains after garbage collection, and neighbouring values are alike, which would make chance look like a trend.
 */
const maxPoints = 25;

const thinned = (points: readonly { readonly atMs: number; readonly value: number }[]) => {
  if (points.length <= maxPoints) return points;
  return Array.from({ length: maxPoints }, (_, i) => {
    const from = Math.floor((i * points.length) / maxPoints);
    const stretch = points.slice(from, Math.floor(((i + 1) * points.length) / maxPoints));
    return stretch.reduce((lowest, point) => (point.value < lowest.value ? point : lowest));
  });
};

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

/** 1 - Φ(z) by Abramowitz and Stegun 26.2.17; absolute error below 7.5e-8. */
const upperTail = (z: number): number => {
  if (z < 0) return 1 - upperTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return (
    density * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  );
};
