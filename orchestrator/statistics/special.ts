/** ln Γ(x) for x > 0, by Lanczos' approximation (g = 7, 9 terms): relative error below 1e-14. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const t = x - 1 + 7.5;
  let series = 0.999_999_999_999_809_9;
  for (const [i, coefficient] of LANCZOS.entries()) series += coefficient / (x + i);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
}

/**
 * The regularised incomplete beta function I_x(a, b), by its continued fraction (Numerical Recipes, section 6.4, modified Lentz).
 * I_x(a, b) is P(X <= x) for X of the beta distribution.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges fast on this side of the mean; the other side is its mirror image.
  return x < (a + 1) / (a + b + 2)
    ? (front * fraction(x, a, b)) / a
    : 1 - (front * fraction(1 - x, b, a)) / b;
}

/** The x in [low, high] at which an increasing function reaches `target`, by bisection to the last bits. */
export function inverse(
  increasing: (x: number) => number,
  target: number,
  [low, high]: readonly [number, number],
): number {
  let [from, to] = [low, high];
  for (let i = 0; i < 200; i++) {
    const middle = (from + to) / 2;
    if (middle <= from || middle >= to) break;
    if (increasing(middle) < target) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}

const LANCZOS = [
  676.520_368_121_885_1, -1_259.139_216_722_402_8, 771.323_428_777_653_1, -176.615_029_162_140_6,
  12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6, 1.505_632_735_149_311_6e-7,
];
const TINY = 1e-300;

function fraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return h;
}
