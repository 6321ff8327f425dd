import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { compareRates } from './binomial.ts';
import { hodgesLehmann, hodgesLehmannShift } from './hodges-lehmann.ts';
import { holm } from './holm.ts';
import { permuteGroups } from './permutation.ts';
import { signedRank } from './signed-rank.ts';
import { pairedT, pooledT, studentT, studentTQuantile, welchT } from './student-t.ts';

const values = z.array(z.number());
const sides = z.object({ greater: z.number(), less: z.number(), twoSided: z.number() });
/** null: no bound. */
const interval = { low: z.number().nullable(), high: z.number().nullable() };
const count = z.object({ events: z.number(), of: z.number() });
const golden = z
  .object({
    signedRank: z.array(
      sides.extend({
        differences: values,
        zeros: z.enum(['wilcox', 'pratt', 'zsplit']),
        wPlus: z.number(),
      }),
    ),
    hodgesLehmann: z.array(
      z.object({ differences: values, alpha: z.number(), estimate: z.number(), ...interval }),
    ),
    twoGroups: z.array(
      z.object({
        a: values,
        b: values,
        permutation: sides.omit({ twoSided: true }).optional(),
        pooled: sides,
        welch: sides.optional(),
        shift: z.object({ alpha: z.number(), estimate: z.number(), ...interval }),
      }),
    ),
    rates: z.array(
      z.object({
        first: count,
        second: count,
        alpha: z.number(),
        greater: z.number(),
        less: z.number(),
        ...interval,
      }),
    ),
    tDistribution: z.array(
      z.object({
        t: z.number(),
        df: z.number(),
        cdf: z.number(),
        upper: z.number(),
        quantile: z.number(),
      }),
    ),
    pairedT: z.array(sides.extend({ differences: values })),
    holm: z.array(z.object({ p: values, adjusted: values })),
  })
  .parse(JSON.parse(readFileSync(new URL('./golden/scipy.json', import.meta.url), 'utf8')));

test('the signed-rank test has the exact p-values of SciPy, with ties and each way of treating zeros', () => {
  expect(golden.signedRank).toHaveLength(27);
  for (const { differences, zeros, wPlus, greater, less, twoSided } of golden.signedRank) {
    const found = signedRank(differences, zeros);
    expect(found.wPlus).toBe(wPlus);
    close(found.greater, greater);
    close(found.less, less);
    close(found.twoSided, twoSided);
  }
});

test('the interval of Hodges and Lehmann holds the shifts that the exact test does not reject', () => {
  expect(golden.hodgesLehmann).toHaveLength(6);
  for (const { differences, alpha, estimate, low, high } of golden.hodgesLehmann) {
    const found = hodgesLehmann(differences, alpha);
    close(found.estimate, estimate);
    close(found.low, low ?? Number.NEGATIVE_INFINITY);
    close(found.high, high ?? Number.POSITIVE_INFINITY);
  }
});

test('two groups: permutation, t, and the interval of their shift', () => {
  expect(golden.twoGroups).toHaveLength(5);
  for (const { a, b, permutation, pooled, welch, shift } of golden.twoGroups) {
    const permuted = permuteGroups(a, b);
    close(permuted.greater, permutation?.greater ?? rankFromTop(b[0], a));
    if (permutation !== undefined) close(permuted.less, permutation.less);
    const t = pooledT(a, b);
    close(t.greater, pooled.greater);
    close(t.less, pooled.less);
    close(t.twoSided, pooled.twoSided);
    if (welch !== undefined) {
      close(welchT(a, b).greater, welch.greater);
      close(welchT(a, b).twoSided, welch.twoSided);
    }
    const found = hodgesLehmannShift(a, b, shift.alpha);
    close(found.estimate, shift.estimate);
    close(found.low, shift.low ?? Number.NEGATIVE_INFINITY);
    close(found.high, shift.high ?? Number.POSITIVE_INFINITY);
  }
});

test('two rates are compared as a binomial share of their sum', () => {
  expect(golden.rates).toHaveLength(5);
  for (const { first, second, alpha, greater, less, low, high } of golden.rates) {
    const found = compareRates(first, second, alpha);
    close(found.greater, greater);
    close(found.less, less);
    close(found.low, low ?? Number.NEGATIVE_INFINITY);
    close(found.high, high ?? Number.POSITIVE_INFINITY);
  }
});

test("Student's t and its quantiles", () => {
  expect(golden.tDistribution).toHaveLength(120);
  for (const { t, df, cdf, upper, quantile } of golden.tDistribution) {
    close(studentT(t, df), cdf);
    close(studentTQuantile(upper, df), quantile);
  }
  for (const { differences, greater, less, twoSided } of golden.pairedT) {
    const found = pairedT(differences);
    close(found.greater, greater);
    close(found.less, less);
    close(found.twoSided, twoSided);
  }
});

test("Holm's adjusted p-values are those of statsmodels", () => {
  expect(golden.holm).toHaveLength(4);
  for (const { p, adjusted } of golden.holm) {
    const found = holm(p);
    expect(found).toHaveLength(p.length);
    for (const [i, value] of found.entries()) close(value, adjusted[i] as number);
  }
});

/** For a single value (SciPy wants two): how many of all are at least as large. */
function rankFromTop(value = Number.NaN, others: readonly number[] = []): number {
  return (1 + others.filter((other) => other >= value).length) / (1 + others.length);
}

/** To nine digits, near zero to 1e-12. */
function close(found: number, wanted: number): void {
  if (!Number.isFinite(wanted)) expect(found).toBe(wanted);
  else
    expect(Math.abs(found - wanted), `${found} for ${wanted}`).toBeLessThan(1e-12 + 1e-9 * Math.abs(wanted));
}
