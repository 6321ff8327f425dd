import { expect, test } from 'vitest';
import { binomialAtLeast } from '../orchestrator/statistics/binomial.ts';
import { asSession } from './gate-decisions.ts';
import { type Harm, type Noise, session, shiftedSessions } from './gate-noise.ts';
import { mannWhitneyRule, ratioRule, squallRule } from './gate-rules.ts';
import { comparison, decideByLooks, measureStarts } from './gate-starts.ts';

// The short, seeded version of `npm run bench:gate`, which has the tables.
const SEED = 22;
const harmed = (noise: Noise, harm: Harm, count: number) =>
  Array.from({ length: count }, (_, i) => session(noise, harm, SEED + i));

test('two identical sides: at most 2 % regressed and 2 % improved, where the usual rules find far more', () => {
  const counts = { all: 0, regressed: 0, improved: 0, ratio: 0, mannWhitney: 0 };
  for (const noise of ['autocorrelated', 'level steps', 'drift'] as const)
    for (let i = 0; i < 12; i++) {
      const answers = squallRule(session(noise, {}, SEED + i)).map(({ answer }) => answer);
      const runs = session(noise, {}, SEED + i, 'one after the other');
      counts.all += 1;
      counts.regressed += Number(answers.includes('regressed'));
      counts.improved += Number(answers.includes('improved'));
      counts.ratio += Number(ratioRule(runs));
      counts.mannWhitney += Number(mannWhitneyRule(runs));
    }
  expect(contradicts(counts.regressed, counts.all, 0.02)).toBe(false);
  expect(contradicts(counts.improved, counts.all, 0.02)).toBe(false);
  // Two runs one after the other, and the rules that are known to be wrong: the same bound fails.
  expect(contradicts(counts.ratio, counts.all, 0.02)).toBe(true);
  expect(contradicts(counts.mannWhitney, counts.all, 0.02)).toBe(true);
});

test('10 % on everything is a regression of p50 and p95', () => {
  for (const noise of ['independent', 'autocorrelated', 'drift'] as const)
    for (const one of harmed(noise, { factor: 1.1 }, 3)) {
      const [p50, p95] = squallRule(one);
      expect([noise, p50?.answer, p95?.answer]).toEqual([noise, 'regressed', 'regressed']);
    }
});

test('a session that is drawn once for several factors is the one that is drawn for each', () => {
  for (const noise of ['autocorrelated', 'coarse clock'] as const)
    expect(shiftedSessions(noise, [1, 1.1], SEED)).toEqual([
      session(noise, {}, SEED),
      session(noise, { factor: 1.1 }, SEED),
    ]);
});

test('a candidate that is 10 % faster is improved, and never regressed', () => {
  for (const one of harmed('autocorrelated', { factor: 1 / 1.1 }, 3))
    expect(squallRule(one).map(({ answer }) => answer)).toContain('improved');
});

test('20 ms on one request in a hundred is seen by p99 alone', () => {
  for (const one of harmed('independent', { slowPercentMs: 40 }, 3)) {
    const [p50, , p99, errors] = squallRule(one);
    expect([p50?.answer, p99?.answer, errors?.answer]).toEqual(['same', 'regressed', 'same']);
  }
});

test('one failing request in 500 is seen by errors alone', () => {
  for (const one of harmed('autocorrelated', { failsOneIn: 500 }, 3)) {
    const [p50, p95, , errors] = squallRule(one);
    expect(errors?.answer).toBe('regressed');
    expect([p50?.answer, p95?.answer]).not.toContain('regressed');
  }
});

test('a leak that both sides have is no regression', () => {
  for (const one of harmed('independent', { leak: 1 }, 5))
    expect(squallRule(one).map(({ answer }) => answer)).not.toContain('regressed');
});

test('targets that change from start to start, or while they run, are no regression: their slots alone would say so', () => {
  const counts = { all: 0, regressed: 0, bySlots: 0 };
  for (const [kind, sessions] of [
    ['bimodal, 30 % apart', 16],
    ['leaky', 2],
    ['slow-starting', 2],
  ] as const)
    for (let i = 0; i < sessions; i++) {
      const starts = measureStarts({ baseline: kind, candidate: kind, seed: SEED + 10 * i });
      const answers = decideByLooks(comparison, starts).results.map(({ answer }) => answer);
      const bySlots = squallRule(asSession(starts, 'GET /')).map(({ answer }) => answer);
      counts.all += 1;
      counts.regressed += Number(answers.includes('regressed'));
      counts.bySlots += Number(bySlots.includes('regressed'));
    }
  expect(contradicts(counts.regressed, counts.all, 0.02)).toBe(false);
  expect(contradicts(counts.bySlots, counts.all, 0.02)).toBe(true);
});

test('a candidate that alone leaks, or starts slowly, has regressed', () => {
  for (const candidate of ['leaky', 'slow-starting'] as const) {
    const starts = measureStarts({ baseline: 'steady', candidate, seed: SEED });
    const [p50] = decideByLooks(comparison, starts).results;
    expect([candidate, p50?.answer]).toEqual([candidate, 'regressed']);
  }
});

/** Is so high a count, of so many, out of reach (p < 1 %) for a rule that is wrong with this probability? */
function contradicts(count: number, of: number, probability: number): boolean {
  return binomialAtLeast(count, of, probability) < 0.01;
}
